/** TypeScript as HTML, its comments and key words set apart. */
import { literal } from '../../src/report/markup.ts';

/** Comments, texts and key words of TypeScript: what is quietly set apart. */
const tokens =
  /(?<comment>\/\*[\s\S]*?\*\/|\/\/.*)|(?<text>'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?<word>\b(?:as|async|await|break|const|continue|else|export|extends|for|function|if|import|in|keyof|let|new|of|readonly|return|satisfies|throw|type|interface|typeof|while)\b)/g;

/** TypeScript as HTML. */
export function highlighted(code: string): string {
  let html = '';
  let end = 0;
  for (const match of code.matchAll(tokens)) {
    const kind = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined)?.[0];
    html += `${literal(code.slice(end, match.index))}<span class="${kind}">${literal(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + literal(code.slice(end));
}
