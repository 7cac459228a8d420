/** @file Messages that are about to be deleted: hidden at once, told to the server a little later, so that one may think again. */

/** @typedef {{room: number, id: number, at: number}} Doomed `at`: when the server is told */
/** @typedef {(type: string, fields: object) => Promise<any>} Ask */
/** @typedef {import("../net/requests.js").Refusal} Refusal */

export const UNDO_MS = 5000
const NAME = "loopchat-deletions"

/**
 * They are kept on the device until the server has answered: closing the page does not undo them.
 * Event `changed` when one came or went; `refused` when the server did not want it.
 */
export class Deletions extends EventTarget {
  /** @type {Map<number, Doomed>} by the id of the message */
  #doomed = new Map()
  /** @type {Map<number, ReturnType<typeof setTimeout>>} */
  #timers = new Map()
  #prefix = ""

  /**
   * @param {number} uid
   * @param {Ask} ask
   * @param {(message: number) => void} part tells of a message while the page goes: a socket goes with it
   * @param {string} epoch ids of messages mean something in it only
   */
  constructor(uid, ask, part, epoch) {
    super()
    this.uid = uid
    this.ask = ask
    this.part = part
    this.begin(epoch)
  }

  /** Another history than before: nothing of it was to be deleted. @param {string} epoch */
  begin(epoch) {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#doomed.clear()
    this.#prefix = `${NAME}-${this.uid}-${epoch}-`
  }

  /** @param {number} id */
  has(id) {
    return this.#doomed.has(id)
  }

  /** @param {{room: number, id: number}[]} messages */
  add(messages) {
    const at = Date.now() + UNDO_MS
    for (const { room, id } of messages) this.#keep({ room, id, at })
    this.#changed()
  }

  /** They stay after all. @param {{id: number}[]} messages */
  undo(messages) {
    for (const { id } of messages) this.#forget(id)
    this.#changed()
  }

  /** Connected: what an earlier page or a lost connection left is told. */
  resume() {
    for (const one of this.#read()) this.#take(one)
    this.#changed()
  }

  /** The page is left: nobody can think again here. The next one makes sure. */
  leave() {
    for (const id of this.#timers.keys()) if (this.#isKept(id)) this.part(id)
  }

  /** Signed out: nothing of this person stays on the device. */
  async clear() {
    await Promise.all([...this.#doomed.keys()].map(id => this.#tell(id)))
    for (const id of this.#doomed.keys()) this.#forget(id)
  }

  /** @param {Doomed} doomed */
  #take(doomed) {
    const { id, at } = doomed
    this.#doomed.set(id, doomed)
    clearTimeout(this.#timers.get(id))
    this.#timers.set(id, setTimeout(() => this.#tell(id), Math.max(0, at - Date.now())))
  }

  /** @param {number} id */
  async #tell(id) {
    const doomed = this.#doomed.get(id)
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    if (!doomed) return
    // Another tab may have taken it back.
    if (!this.#isKept(id)) return this.undo([doomed])
    try {
      await this.ask("delete", { room: doomed.room, id })
    } catch (refused) {
      const { isPassing, message } = /** @type {Refusal} */ (refused)
      if (isPassing) return
      this.dispatchEvent(new CustomEvent("refused", { detail: message }))
    }
    this.undo([doomed])
  }

  /** @param {number} id */
  #forget(id) {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.#doomed.delete(id)
    attempt(() => localStorage.removeItem(this.#prefix + id), undefined)
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }

  /** @param {Doomed} doomed */
  #keep(doomed) {
    attempt(() => localStorage.setItem(this.#prefix + doomed.id, JSON.stringify(doomed)), undefined)
    this.#take(doomed)
  }

  /** @param {number} id */
  #isKept(id) {
    return attempt(() => localStorage.getItem(this.#prefix + id) !== null, true)
  }

  /** @returns {Doomed[]} */
  #read() {
    return attempt(() => Object.keys(localStorage).filter(key => key.startsWith(this.#prefix))
      .map(key => JSON.parse(localStorage.getItem(key) ?? "null")).filter(Boolean), [])
  }
}

/** A browser that keeps nothing forgets them with the page. @template T @param {() => T} work @param {T} otherwise */
function attempt(work, otherwise) {
  try {
    return work()
  } catch {
    return otherwise
  }
}
