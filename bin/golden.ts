/** The recorded vectors of a stem, read once. */
import { readFile } from 'node:fs/promises';
import type { Vector } from '../src/clause.ts';
import { decodeVectors } from '../src/golden.ts';
import { projectFile } from '../src/root.ts';

const read = new Map<string, Promise<readonly Vector[]>>();

export function goldenVectors(stem: string): Promise<readonly Vector[]> {
  const vectors =
    read.get(stem) ??
    readFile(projectFile(`golden/${stem}.json`), 'utf8').then((text) => decodeVectors(JSON.parse(text)));
  read.set(stem, vectors);
  return vectors;
}
