/** A module whose default export is not quite an implementation. */
// biome-ignore lint/style/noDefaultExport: that is how a module names its implementation.
export default { name: 'half', capabilities: {} };
