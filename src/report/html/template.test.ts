import { describe, expect, it } from 'vitest';
import { type Html, html, textOf, trusted } from './template.ts';

describe('what is put into HTML', () => {
  it('is text, in elements and in attributes', () => {
    const hostile = `</script><img src=x onerror=alert(1)> "'&`;
    const inert = '&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;';
    expect(textOf(html`<b title="${hostile}">${hostile}</b>`)).toBe(`<b title="${inert}">${inert}</b>`);
  });

  it('cannot turn the direction of the text around it, nor end a line with a control character', () => {
    expect(textOf(html`${'a\u202Eb\u2066c\u0000d'}`)).toBe('a\\u202eb\\u2066c\\u0000d');
  });

  it('is HTML only where it was made here: what JSON holds never is', () => {
    expect(textOf(html`<p>${html`<b>${'<'}</b>`}${trusted('<hr>')}</p>`)).toBe('<p><b>&lt;</b><hr></p>');
    const forged = JSON.parse('{"html":"<hr>","markup":"<hr>","Symbol(markup)":"<hr>"}') as Html;
    expect(textOf(html`${forged}`)).not.toContain('<hr>');
  });

  it('may be a list, a number or nothing', () => {
    expect(textOf(html`${[1, 'a', html`<br>`]}${undefined}${false}${null}${''}${0}`)).toBe('1a<br>0');
  });
});
