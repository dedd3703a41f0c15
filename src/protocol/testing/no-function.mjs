/** A module whose operation is no function. */
export default { name: 'half', version: '1', capabilities: {}, penalty: 0.5 };
