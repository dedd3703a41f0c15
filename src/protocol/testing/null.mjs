/** A module whose default export is nothing. */
export default null;
