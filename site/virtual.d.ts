/** What the Vite plugin in build/ makes. */
declare module 'virtual:catalogue' {
  export const catalogue: import('./catalogue.ts').Catalogue;
}
