/** A module whose default export is not quite an implementation. */
export default { name: 'half', capabilities: {} };
