// The types of idb.js, for bin/lint and editors: the same names as in bin/vendor.
export { deleteDB, openDB } from "idb"
