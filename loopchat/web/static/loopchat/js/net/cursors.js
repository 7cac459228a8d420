/** @file Tells the server what this device received and what this person has seen. */

/** @typedef {import("../store/store.js").Store} Store */
/** @typedef {import("../store/seen.js").Seen} Seen */
/** @typedef {import("./requests.js").Refusal} Refusal */
/** @typedef {import("./socket.js").Socket} Socket */

const DELIVERED_MS = 1000
const READ_MS = 250

export class Cursors {
  /** @type {Map<number, number>} */
  #delivered = new Map()
  /** What of `seen` was told on this connection. @type {Map<number, number>} */
  #told = new Map()
  #tellDelivered = throttled(DELIVERED_MS, () => this.#sendDelivered())
  #tellRead = throttled(READ_MS, () => this.#sendRead())

  /** @param {Store} store @param {Socket} socket @param {Seen} seen */
  constructor(store, socket, seen) {
    this.store = store
    this.socket = socket
    this.seen = seen
    this.#look()
  }

  /** After `ready`: what came while nobody was connected has been delivered now, or even seen. */
  caughtUp() {
    this.#told.clear()
    this.#look()
    this.#tellRead()
    for (const room of this.store.rooms.values()) {
      if (room.summary.delivered < room.cursor && room.summary.unread > 0) this.delivered(room.id)
    }
  }

  /** What was seen was seen in another history. */
  forget() {
    this.seen.clear()
    this.#delivered.clear()
  }

  /** @param {number} id */
  delivered(id) {
    const room = this.store.room(id)
    if (!room?.summary.receipts) return
    this.#delivered.set(id, room.cursor)
    this.#tellDelivered()
  }

  /** Everything up to `seq` was visible in a focused window. @param {number} id @param {number} seq */
  read(id, seq) {
    const room = this.store.room(id)
    if (!room || room.kept || (seq <= room.summary.read && !room.summary.unread_from)) return
    room.readUpTo(seq)
    this.store.changed()
    this.seen.note(id, seq)
    if (this.socket.state === "online") this.#tellRead()
  }

  /** Tells now what was seen of a room: what is marked unread afterwards comes after it. @param {number} id */
  async settle(id) {
    const seq = this.seen.of(id)
    this.seen.forget(id)
    if (seq !== undefined && seq !== this.#told.get(id)) await this.#mark(id, seq)
  }

  /** The page is left: what waits for its turn is told, and what that loses is told by the next page. */
  leave() {
    if (this.socket.state === "online") this.#sendRead()
  }

  /** The summaries of the server do not know yet what was seen. */
  #look() {
    for (const [id, seq] of this.seen.all()) this.store.room(id)?.readUpTo(seq)
  }

  #sendDelivered() {
    const cursors = [...this.#delivered]
    this.#delivered.clear()
    this.socket.ask("delivered", { cursors: Object.fromEntries(cursors) }).catch(error => {
      if (error?.code !== "rate_limited") return
      for (const [id, seq] of cursors) this.#delivered.set(id, Math.max(seq, this.#delivered.get(id) ?? 0))
      this.#tellDelivered()
    })
  }

  #sendRead() {
    for (const [id, seq] of this.seen.all()) if (this.#told.get(id) !== seq) this.#mark(id, seq)
  }

  /** @param {number} id @param {number} seq */
  async #mark(id, seq) {
    this.#told.set(id, seq)
    const answer = await this.#ask(id, seq)
    const room = this.store.room(id)
    if (!answer || !room || room.kept) return
    if (answer.read < room.summary.read) return // another device was further before this came
    room.readUpTo(answer.read, answer.unread)
    this.store.changed()
  }

  /** @param {number} id @param {number} seq @returns {Promise<{read: number, unread: number} | null>} */
  async #ask(id, seq) {
    let answer = null
    try {
      answer = await this.socket.ask("mark_read", { room: id, seq })
    } catch (refused) {
      if (/** @type {Refusal} */ (refused).isPassing) return null // told again on the next connection
    }
    if (this.seen.of(id) === seq) this.seen.forget(id)
    return answer
  }
}

/**
 * Calls `work` at once, and at most every `ms` while it is asked for more.
 * @param {number} ms
 * @param {() => void} work
 */
function throttled(ms, work) {
  let resting = false
  let again = false
  const rested = () => {
    resting = false
    if (again) run()
  }
  const run = () => {
    again = resting
    if (resting) return
    resting = true
    work()
    setTimeout(rested, ms)
  }
  return run
}
