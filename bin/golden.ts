/** What `golden/` holds, read once: the recorded vectors of a stem, and the digits. */
import { readFile } from 'node:fs/promises';
import type { Vector } from '../src/clause.ts';
import { type Digits, decodeDigits } from '../src/digits.ts';
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

let images: Promise<Digits> | undefined;

export function digits(): Promise<Digits> {
  images ??= readFile(projectFile('golden/digits.json'), 'utf8').then((text) => decodeDigits(JSON.parse(text)));
  return images;
}
