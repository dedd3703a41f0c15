/** A module whose operation is no function. */
// biome-ignore lint/style/noDefaultExport: that is how a module names its implementation.
export default { name: 'half', version: '1', capabilities: {}, penalty: 0.5 };
