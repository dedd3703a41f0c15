// `expect-merged.mjs SHARDS WHOLE MERGED`: holds the merged report of so many shards of reproducible.mjs against that of
// the uncut run.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

const shards = Number(process.argv[2]);
const [whole, merged] = process.argv.slice(3).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const faults = [];

const short = (value) => (JSON.stringify(value) ?? 'nothing').slice(0, 300);
function expect(what, got, wanted) {
  if (!isDeepStrictEqual(got, wanted)) faults.push(`${what} is ${short(got)}, but must be ${short(wanted)}`);
}

/** Masks that are drawn without a seed: a network takes none, and this clause gives none. Their counts are others in every run. */
const isUnseeded = ({ id }) => id.startsWith('training/') || id === 'dropout/mask-ignores-the-values';
const isReproducible = (finding) => finding.kind === 'statistical' && !isUnseeded(finding);

/** What must not depend on how the run was cut: neither times, nor chunks, which an uncut run does not keep. */
function essenceOf(finding) {
  const { milliseconds: _, message, evidence, ...essence } = finding;
  const { chunks: __, ...counts } = evidence;
  // Of other clauses the cases are the same, but how many facts there are in them depends on unseeded masks.
  return isReproducible(finding) ? { ...essence, message, ...counts } : { ...essence, cases: counts.cases };
}

const parts = Array.from({ length: shards }, (_, index) => index + 1);
expect('shard', merged.shard, { of: shards, parts });
expect('complete', merged.complete, true);
expect('verdict', merged.verdict, 'conforms');
for (const fact of ['suite', 'seed', 'profile', 'implementation', 'verdict', 'diagnosis', 'budget'])
  expect(fact, merged[fact], whole[fact]);

const ids = ({ clauses }) => clauses.map(({ id }) => id);
expect('the list of clauses', ids(merged), ids(whole));
for (const [index, finding] of merged.clauses.entries()) {
  const [got, wanted] = [finding, whole.clauses[index]].map(essenceOf);
  for (const key of new Set([got, wanted].flatMap(Object.keys))) expect(`${finding.id}: ${key}`, got[key], wanted[key]);
}

// Were nothing counted, or everything by one shard, the above would say little.
const counted = merged.clauses.filter((finding) => isReproducible(finding) && finding.verdict === 'holds');
const chunks = counted.reduce((sum, { evidence }) => sum + evidence.chunks.length, 0);
if (chunks < shards) faults.push(`there are ${chunks} chunks of draws, but must be ${shards} at least`);

for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
if (faults.length === 0)
  console.log(`ok: ${shards} shards say what the uncut run says, ${counted.length} clauses count by count`);
