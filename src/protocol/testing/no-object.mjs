/** A module whose default export is no object. */
// biome-ignore lint/style/noDefaultExport: that is how a module names its implementation.
export default () => {};
