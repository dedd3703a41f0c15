/** A module whose default export is no object. */
export default () => {};
