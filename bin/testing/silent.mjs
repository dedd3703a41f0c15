/** A module that can nothing. */
export default { name: 'silent', version: '1.0.0', capabilities: {} };
