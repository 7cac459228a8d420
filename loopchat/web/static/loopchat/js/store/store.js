/** @file All that this client knows. Events go in by `apply`; elements watch what changed. */

import { logged, passing } from "./events.js"
import { People } from "./people.js"
import { Room } from "./room.js"

/** @typedef {import("../types.js").Me} Me */
/** @typedef {import("../types.js").Person} Person */
/** @typedef {import("../types.js").RoomSummary} RoomSummary */
/** @typedef {import("../types.js").Page} Page */
/** @typedef {import("../types.js").Frame} Frame */
/** @typedef {import("../types.js").Preferences} Preferences */
/** @typedef {import("../types.js").Ready} Ready */

/**
 * Watchers are called once per turn, however many events came in it. Listeners of the events
 * `message`, `called`, `stale`, `draft`, `saved`, `pinned`, `stranger`, `befriended`, `added` and `removed` are told at once.
 */
export class Store extends EventTarget {
  /** @type {Map<number, Room>} */
  rooms = new Map()
  circle
  /** Public rooms, as the lobby offers them. @type {Map<number, import("../types.js").Invitation>} */
  offers = new Map()
  /** @type {string[]} What works only partly at the server. */
  degraded = []
  /** @type {Preferences} */
  preferences = { receipts: true, client: {} }

  /** @type {Set<() => void>} */
  #watchers = new Set()
  #told = false

  /** @param {Me} me */
  constructor(me) {
    super()
    this.circle = new People(me)
  }

  /** @returns {Me} */
  get me() {
    return this.circle.me
  }

  /** Whose presence is known. */
  get people() {
    return this.circle.present
  }

  /** @param {number} id */
  room(id) {
    return this.rooms.get(id)
  }

  /** The cursors for `hello`: from where events are wanted. */
  cursors() {
    return Object.fromEntries([...this.rooms].map(([id, room]) => [id, room.cursor]))
  }

  /**
   * One event. False when events before it are missing: the connection has lost its place.
   * @param {Frame} event
   */
  apply(event) {
    this.changed()
    if (typeof event.seq !== "number" || passing[event.type]) {
      passing[event.type]?.(this, event)
      return true
    }
    const room = this.rooms.get(event.room)
    if (!room || event.seq <= room.cursor) return true
    if (event.seq > room.cursor + 1) return false
    room.cursor = event.seq
    logged[event.type]?.(this, room, event)
    room.log.append(event.seq, null)
    return true
  }

  /** The rooms and people of `ready`, in one or several parts. @param {Ready} ready */
  ready(ready) {
    for (const summary of ready.rooms) this.#take(summary)
    for (const person of ready.people) this.circle.meet(person)
    if (ready.contacts) this.circle.know(ready.contacts)
    if (ready.privacy) this.circle.privacy = ready.privacy
    if (ready.preferences) this.prefer(ready.preferences)
    this.changed()
  }

  /** @param {RoomSummary} summary */
  #take(summary) {
    const known = this.rooms.get(summary.room)
    if (summary.peer?.uid === this.me.uid) summary = { ...summary, notes: true }
    if (known) return known.refresh(summary)
    const room = new Room(summary, this.me.uid)
    room.tells = this.preferences.receipts
    this.rooms.set(summary.room, room)
  }

  /** How I want it. @param {Preferences} preferences */
  prefer(preferences) {
    this.preferences = preferences
    for (const room of this.rooms.values()) room.tells = preferences.receipts
  }

  /** What is held of a room is void. @param {number} id @param {number} head */
  rebase(id, head) {
    this.rooms.get(id)?.rebase(head)
    this.changed()
  }

  /** @param {number} id @param {Page} page */
  merge(id, page) {
    const room = this.rooms.get(id)
    if (!room) return
    room.merge(page)
    for (const item of page.items) if (item.type === "chat_message") this.tell("held", item)
    this.changed()
  }

  /** @param {RoomSummary} summary */
  addRoom(summary) {
    this.#take(summary)
    this.changed()
    this.tell("added", summary)
  }

  /** @param {number} id @param {{kind?: string, by?: number}} [why] how I went, if that is known */
  removeRoom(id, { kind, by } = {}) {
    if (!this.rooms.delete(id)) return
    this.changed()
    this.tell("removed", { room: id, kind, by })
  }

  /** Somebody looked: so many are in the room. @param {number} id @param {number} members */
  countMembers(id, members) {
    const room = this.rooms.get(id)
    if (!room || room.summary.members === members) return
    room.summary = { ...room.summary, members }
    this.changed()
  }

  /** @param {number} uid @param {Person["state"]} state @param {number} [lastSeen] */
  movePresence(uid, state, lastSeen) {
    const person = this.people.get(uid) ?? this.#peer(uid)
    if (this.circle.moved(uid, { ...person, state, last_seen_ts: lastSeen ?? person?.last_seen_ts })) return
    if (state !== "offline") this.tell("stranger", uid)
  }

  /** The lobby as it is now. @param {{rooms: import("../types.js").Invitation[], people: Person[]}} lobby */
  meet({ rooms, people }) {
    this.offers = new Map(rooms.map(room => [room.room, room]))
    for (const person of people) this.circle.meet(person)
    this.changed()
  }

  /** Somebody known from a direct conversation only. @param {number} uid @returns {Person | undefined} */
  #peer(uid) {
    const room = [...this.rooms.values()].find(({ summary }) => summary.peer?.uid === uid)
    return room?.summary.peer ? { ...room.summary.peer, state: "offline" } : undefined
  }

  /** @param {string} name @param {unknown} detail */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }

  /** @param {() => void} watcher @returns {() => void} stops watching */
  watch(watcher) {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Something changed: the watchers are called before the next paint. */
  changed() {
    if (this.#told) return
    this.#told = true
    queueMicrotask(() => {
      this.#told = false
      for (const watcher of this.#watchers) watcher()
    })
  }
}
