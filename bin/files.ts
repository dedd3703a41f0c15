/** Files that are written: whole or not at all, and to where their path leads, whatever stands there. */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  fstatSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Writes a file by way of another beside it, so that no reader ever finds half of it. What is no file, such as a device or a
 * pipe, is never replaced by one, but written into.
 */
export function write(file: string, text: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  const own = found && ownStream(found);
  if (own !== undefined) own.write(text);
  else if (found === undefined || found.isFile()) replace(destinationOf(file), text);
  else writeFileSync(file, text);
}

function replace(file: string, text: string): void {
  const partial = besides(file);
  try {
    writeFileSync(partial, text);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Asked before anything is judged, so that no result is lost for want of a folder. */
export function isWritable(file: string): boolean {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined) accessSync(file, constants.W_OK);
    if (found !== undefined && ownStream(found) !== undefined) return true;
    if (found === undefined || found.isFile()) return isReplaceable(destinationOf(file));
    return !found.isDirectory() && !found.isSocket();
  } catch {
    return false;
  }
}

/** Tried rather than asked: permissions do not tell of a file system that is read-only or full. @throws if it is not */
function isReplaceable(file: string): boolean {
  const partial = besides(file);
  writeFileSync(partial, '');
  rmSync(partial);
  return true;
}

/** A name in the same folder that nobody else has, also no run on another machine, and that is short, however long the file's is. */
const besides = (file: string): string => join(dirname(file), `.keepprob-${randomUUID()}.partial`);

/** Where a path leads, also where nothing stands there yet: a link is not replaced by a file. @throws where links go in a circle */
function destinationOf(file: string): string {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return realpathSync(file);
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return file;
  return destinationOf(resolve(realpathSync(dirname(file)), readlinkSync(file)));
}

/** This process's own output, where a path such as /dev/stdout leads there: opened anew it would be cut off, or refused. */
function ownStream({ dev, ino }: Stats): NodeJS.WriteStream | undefined {
  const leadsTo = (descriptor: number): boolean => {
    const own = fstatSync(descriptor);
    return own.dev === dev && own.ino === ino;
  };
  if (leadsTo(1)) return process.stdout;
  return leadsTo(2) ? process.stderr : undefined;
}
