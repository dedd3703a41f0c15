/** Assembles kernel.wat and prints binary.ts: `node src/kernel/assemble.mjs > src/kernel/binary.ts`. */
import { readFileSync } from 'node:fs';
import wabt from 'wabt';

// As bytes: of a string wabt takes as many bytes as it has characters.
const source = readFileSync(new URL('kernel.wat', import.meta.url));

try {
  const { buffer } = (await wabt()).parseWat('kernel.wat', source).toBinary({});
  const base64 = Buffer.from(buffer).toString('base64');
  console.log(`/** What assemble.mjs makes of kernel.wat: WebAssembly's binary format, in base64. */
export const kernelBinary =
  '${base64}';`);
} catch (error) {
  // Thrown on, it would be printed with the line that threw it, which is all of wabt.
  console.error(error.message);
  process.exitCode = 1;
}
