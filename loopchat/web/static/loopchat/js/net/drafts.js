/** @file Takes drafts to the server, so that they follow the person to other devices. */

/** @typedef {import("../store/drafts.js").Drafts} Drafts */
/** @typedef {import("../store/drafts.js").Draft} Draft */
/** @typedef {import("../store/store.js").Store} Store */
/** @typedef {import("./socket.js").Socket} Socket */
/** @typedef {import("./requests.js").Refusal} Refusal */

/** After the last key: a message that is sent sooner was never a draft elsewhere. */
const PAUSE_MS = 700
/** The server takes one a second. */
const EVERY_MS = 1050
/** Words of a room that may still come back: more are never on their way. */
const ECHOES_MAX = 5

export class DraftCourier {
  /** @type {Map<number, ReturnType<typeof setTimeout>>} */
  #timers = new Map()
  /** When the server was told of a room last. @type {Map<number, number>} */
  #toldAt = new Map()
  /** What it was told and has not said yet: it tells all devices, this one too. @type {Map<number, string[]>} */
  #echoes = new Map()

  /** @param {Drafts} drafts @param {Store} store @param {Socket} socket */
  constructor(drafts, store, socket) {
    this.drafts = drafts
    this.store = store
    this.socket = socket
    drafts.addEventListener("written", event => this.#later(/** @type {CustomEvent} */ (event).detail, PAUSE_MS))
    store.addEventListener("draft", event => this.#heard(/** @type {CustomEvent} */ (event).detail))
    addEventListener("pagehide", () => this.#flush())
  }

  /** After `ready`: the server's drafts are in the summaries. What it does not know, it is told. */
  caughtUp() {
    this.#echoes.clear()
    for (const { id, summary } of this.store.rooms.values()) this.drafts.heard(id, summary.draft)
    this.#flush()
  }

  /** @param {{room: number} & Draft} draft */
  #heard({ room, message, reply_to, ts }) {
    if (this.#isEcho(room, message)) return
    this.drafts.heard(room, message ? { message, reply_to, ts } : { message: "", ts })
  }

  /** What was told before an echo is not waited for any more. @param {number} room @param {string} message */
  #isEcho(room, message) {
    const echoes = this.#echoes.get(room) ?? []
    const at = echoes.indexOf(message)
    this.#echoes.set(room, echoes.slice(at + 1))
    return at >= 0
  }

  #flush() {
    for (const [room] of this.drafts.untold) this.#tell(room)
  }

  /** @param {number} room @param {number} ms */
  #later(room, ms) {
    clearTimeout(this.#timers.get(room))
    this.#timers.set(room, setTimeout(() => this.#tell(room), ms))
  }

  /** @param {number} room */
  async #tell(room) {
    clearTimeout(this.#timers.get(room))
    const found = this.drafts.untold.find(([id]) => id === room)
    if (!found || this.socket.state !== "online") return
    const wait = (this.#toldAt.get(room) ?? 0) + EVERY_MS - Date.now()
    if (wait > 0) return this.#later(room, wait)
    this.#toldAt.set(room, Date.now())
    const [, draft] = found
    this.#echoes.set(room, [...(this.#echoes.get(room) ?? []), draft.message].slice(-ECHOES_MAX))
    try {
      const { ts } = await this.socket.ask("draft", { room, message: draft.message, ...(draft.reply_to ? { reply_to: draft.reply_to } : {}) })
      this.drafts.told(room, draft, ts)
    } catch (refused) {
      const { retryAfter } = /** @type {Refusal} */ (refused)
      if (retryAfter) this.#later(room, retryAfter)
    }
  }
}
