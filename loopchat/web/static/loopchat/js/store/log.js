/** @file What this client holds of one room's log: one stretch of `seq` without a hole. */

/** @typedef {import("../types.js").Item} Item */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Page} Page */

/** How many items are held, and so drawn, at most. */
export const HELD_MAX = 320
/** How many of a room that is not on the screen: enough to show it at once. */
const RESTING_MAX = 80

/**
 * A stretch `from`…`to`. While it is `attached`, `to` follows the live end of the room; when
 * somebody reads far up, the newest part is let go and fetched again on the way down.
 */
export class Log {
  from = 1
  to = 0
  attached = false
  complete = false

  /** @type {Map<number, Item>} */
  #items = new Map()
  /** @type {Map<number, Message>} */
  #messages = new Map()
  /** @type {Map<number, Message>} */
  #quoted = new Map()
  /** @type {Set<string>} */
  #cids = new Set()
  /** @type {Item[] | null} */
  #sorted = null

  get size() {
    return this.#items.size
  }

  /** Whether anything was loaded yet. */
  get isEmpty() {
    return this.to < this.from
  }

  /** All items in order. */
  items() {
    this.#sorted ??= [...this.#items.values()].sort((a, b) => a.seq - b.seq)
    return this.#sorted
  }

  /** @param {number} id a message's id */
  message(id) {
    return this.#messages.get(id)
  }

  /** A message that others reply to; it may lie outside of the stretch. @param {number} id */
  quoted(id) {
    return this.#messages.get(id) ?? this.#quoted.get(id)
  }

  /** Whether a message with this `cid` of this person is held. @param {number} uid @param {string} cid */
  hasCid(uid, cid) {
    return this.#cids.has(`${uid} ${cid}`)
  }

  clear() {
    this.#items.clear()
    this.#cids.clear()
    this.#messages.clear()
    this.#quoted.clear()
    this.#sorted = null
    this.from = 1
    this.to = 0
    this.attached = false
    this.complete = false
  }

  /**
   * A page of history. One that does not touch the stretch replaces it.
   * @param {Page} page
   * @param {number} cursor the room's live end
   */
  merge(page, cursor) {
    if (page.to >= page.from) this.#extend(page)
    else if (this.isEmpty) this.#rest(page)
    if (page.complete && page.from <= this.from) this.complete = true
    for (const message of page.quoted ?? []) this.#quoted.set(message.id, message)
    for (const item of page.items) this.put(item)
    this.attached = this.to >= cursor
    this.#sorted = null
  }

  /** @param {Page} page */
  #extend(page) {
    if (!this.isEmpty && (page.from > this.to + 1 || page.to < this.from - 1)) this.clear()
    this.from = this.isEmpty ? page.from : Math.min(this.from, page.from)
    this.to = Math.max(this.to, page.to)
  }

  /** Nothing before, nothing in between: an empty room. @param {Page} page */
  #rest(page) {
    this.from = page.head + 1
    this.to = page.head
    this.complete = true
  }

  /** The live event with the next seq. @param {number} seq @param {Item | null} item */
  append(seq, item) {
    if (!this.attached) return
    this.to = Math.max(this.to, seq)
    if (item) this.put(item)
  }

  /** @param {Item} item */
  put(item) {
    this.#items.set(item.seq, item)
    if (item.type === "chat_message") {
      this.#messages.set(item.id, item)
      this.#cids.add(`${item.uid} ${item.cid}`)
    }
    this.#sorted = null
  }

  /**
   * Changes a message, wherever it is held. A new object takes its place, so that elements see it.
   * @param {number} id
   * @param {(message: Message) => Message} change
   */
  change(id, change) {
    const quoted = this.#quoted.get(id)
    if (quoted) this.#quoted.set(id, change(quoted))
    const message = this.#messages.get(id)
    if (message) this.put(change(message))
  }

  /** Nobody looks: the newest items stay for the next time, in which the room opens at its end. */
  rest() {
    if (this.attached) this.trim("start", RESTING_MAX)
    else this.clear()
  }

  /** Lets go of what is farthest from where the person reads. @param {"start" | "end"} side @param {number} [most] */
  trim(side, most = HELD_MAX) {
    const surplus = this.#items.size - most
    if (surplus <= 0) return false
    const items = this.items()
    const dropped = side === "start" ? items.slice(0, surplus) : items.slice(-surplus)
    const kept = side === "start" ? items[surplus] : items[items.length - surplus - 1]
    for (const item of dropped) this.#forget(item)
    this.#forgetQuoted()
    if (side === "start") {
      this.from = kept.seq
      this.complete = false
    } else {
      this.to = kept.seq
      this.attached = false
    }
    return true
  }

  /** What nothing quotes any more goes too. */
  #forgetQuoted() {
    const wanted = new Set([...this.#messages.values()].map(message => message.reply_to))
    for (const id of this.#quoted.keys()) if (!wanted.has(id)) this.#quoted.delete(id)
  }

  /** @param {Item} item */
  #forget(item) {
    this.#items.delete(item.seq)
    if (item.type === "chat_message") {
      this.#messages.delete(item.id)
      this.#cids.delete(`${item.uid} ${item.cid}`)
    }
    this.#sorted = null
  }
}
