/** @file Keeps the outbox on this device: IndexedDB, or localStorage where a browser refuses that. */

import { openDB } from "../../vendor/idb.js"

/** @typedef {import("../types.js").Pending} Pending */
/**
 * @typedef {object} Storage
 * @property {(uid: number) => Promise<Pending[]>} load
 * @property {(entry: Pending) => Promise<void>} put
 * @property {(entry: Pending) => Promise<void>} remove
 * @property {(uid: number) => Promise<void>} clear
 */

const NAME = "loopchat-outbox"

/** @returns {Promise<Storage>} */
export async function openStorage() {
  try {
    return await inDatabase()
  } catch {
    return inLocalStorage()
  }
}

/** @returns {Promise<Storage>} */
async function inDatabase() {
  const database = await openDB(NAME, 1, {
    upgrade(fresh) {
      fresh.createObjectStore(NAME, { keyPath: "cid" }).createIndex("uid", "uid")
    },
  })
  return {
    load: uid => database.getAllFromIndex(NAME, "uid", uid),
    put: async entry => void (await database.put(NAME, entry, undefined)),
    remove: entry => database.delete(NAME, entry.cid),
    clear: async uid => {
      const cids = await database.getAllKeysFromIndex(NAME, "uid", uid)
      await Promise.all(cids.map(cid => database.delete(NAME, cid)))
    },
  }
}

/** @returns {Storage} */
function inLocalStorage() {
  const key = (/** @type {number} */ uid) => `${NAME}-${uid}`
  /** @param {number} uid @returns {Pending[]} */
  const read = uid => JSON.parse(localStorage.getItem(key(uid)) ?? "[]")
  /** @param {number} uid @param {Pending[]} entries */
  const write = (uid, entries) => localStorage.setItem(key(uid), JSON.stringify(entries))
  const others = (/** @type {Pending} */ entry) => read(entry.uid).filter(({ cid }) => cid !== entry.cid)
  return {
    load: async uid => read(uid),
    put: async entry => write(entry.uid, [...others(entry), entry]),
    remove: async entry => write(entry.uid, others(entry)),
    clear: async uid => localStorage.removeItem(key(uid)),
  }
}
