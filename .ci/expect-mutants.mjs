// `expect-mutants.mjs REPORT`: holds Stryker's report against the mutants that are known to change nothing (mutants.json).
// Lines may move; a mutant is known by its file and by what its line says without it and with it.
import { readFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { files } = read(process.argv[2]);
const listed = read(new URL('mutants.json', import.meta.url));

/** A test failed, or the mutant's code ran so often that it never ends. One that was only slow has not been killed. */
const isKilled = ({ status, statusReason }) =>
  status === 'Killed' || (status === 'Timeout' && /^hit limit reached/i.test(statusReason));

/** The mutant's lines as they are and as it makes them. */
function change(file, source, { location: { start, end }, replacement, status }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const head = lines[0].slice(0, start.column - 1);
  const tail = lines[lines.length - 1].slice(end.column - 1);
  const inOneLine = (text) => text.replace(/\s+/g, ' ').trim();
  return { file, status, from: inOneLine(lines.join('\n')), to: inOneLine(head + replacement + tail) };
}

const mutants = Object.entries(files).flatMap(([file, { mutants, source }]) =>
  mutants.map((mutant) => ({ killed: isKilled(mutant), ...change(file, source, mutant) })),
);
const unexplained = mutants.filter(({ killed }) => !killed);
const faults = [];
for (const { file, from, to, because } of listed) {
  const found = unexplained.findIndex((mutant) => mutant.file === file && mutant.from === from && mutant.to === to);
  if (found >= 0) unexplained.splice(found, 1);
  else
    faults.push(`${file}: is killed or gone, and must leave the list of those that change nothing\n- ${from}\n+ ${to}`);
  if (!because) faults.push(`${file}: is listed without a reason\n- ${from}\n+ ${to}`);
}
for (const { file, from, to, status } of unexplained)
  faults.push(
    `${file}: is not killed (${status}), and must be, or be listed with the reason why it changes nothing\n- ${from}\n+ ${to}`,
  );
if (mutants.length === 0) faults.push('there is no mutant');

for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
if (faults.length === 0)
  console.log(
    `ok: of ${mutants.length} mutants ${mutants.length - listed.length} are killed, and ${listed.length} change nothing`,
  );
