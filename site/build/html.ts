/** Text as HTML. */
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that stands for itself, in an element or in an attribute. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character]);

/** Comments, texts and key words of TypeScript: what is quietly set apart. */
const tokens =
  /(?<comment>\/\*[\s\S]*?\*\/|\/\/.*)|(?<text>'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?<word>\b(?:as|async|await|break|const|continue|else|export|extends|for|function|if|import|in|keyof|let|new|of|readonly|return|satisfies|throw|type|interface|typeof|while)\b)/g;

/** TypeScript as HTML. */
export function highlighted(code: string): string {
  let html = '';
  let end = 0;
  for (const match of code.matchAll(tokens)) {
    const kind = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined)?.[0];
    html += `${escaped(code.slice(end, match.index))}<span class="${kind}">${escaped(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escaped(code.slice(end));
}
