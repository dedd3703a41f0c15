/** Elements in one expression. Text is always text: nothing here interprets HTML. */

type Child = Node | string | undefined;

/** An HTML element with attributes (those that are undefined or false are left out; true has no value) and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** An SVG element. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  setAttributes(made, attributes);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

function setAttributes(of: Element, attributes: Readonly<Record<string, string | number | boolean | undefined>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) of.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Whether things should keep still. */
export const prefersStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** How wide a picture may be in its place, in pixels: drawn so wide, its text keeps its size. */
export const widthIn = (place: HTMLElement): number => Math.min(960, Math.max(280, place.clientWidth || 440));
