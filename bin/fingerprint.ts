/** `keepprob fingerprint`: the conventions of an implementation as they are observed, beside what it declares. */
import { fingerprint, isMisdeclared, type Trait } from '../src/fingerprint.ts';
import { connect } from '../src/protocol/connect.ts';
import { printable } from '../src/show.ts';
import { asking } from './asking.ts';
import { print, style } from './console.ts';
import { exitCodes } from './results.ts';
import type { Target } from './targets.ts';

export interface FingerprintOptions {
  readonly json?: boolean;
}

/** Resolves to 1 where something is declared otherwise than it is, 4 if the implementation broke, else 0. */
export async function showFingerprint(target: Target, { json = false }: FingerprintOptions): Promise<number> {
  return asking(target, async (channel) => {
    const subject = await connect(channel);
    const traits = await fingerprint(subject);
    const { name, version } = subject.identity;
    print(json ? JSON.stringify({ name, version, traits }, null, 2) : traitsText(`${name} ${version}`, traits));
    return traits.some(isMisdeclared) ? exitCodes.violates : exitCodes.conforms;
  });
}

function traitsText(title: string, traits: readonly Trait[]): string {
  const width = Math.max(0, ...traits.map(({ name }) => name.length));
  const lines = traits.map((trait) => {
    const { operation, name, observed, declared } = trait;
    const said =
      declared === undefined
        ? ''
        : isMisdeclared(trait)
          ? style.bad(`  declared: ${declared}`)
          : style.weak('  as declared');
    return `  ${operation.padEnd(8)} ${name.padEnd(width)}  ${observed}${said}`;
  });
  const wrong = traits.filter(isMisdeclared).length;
  const end = wrong === 0 ? style.good('all is as declared') : style.bad(`${wrong} declared otherwise than observed`);
  return [style.strong(printable(title)), ...lines, end].join('\n');
}
