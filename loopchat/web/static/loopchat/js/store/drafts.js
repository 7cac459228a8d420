/** @file What was typed and not sent, for each room: on this device at once, on the others a little later. */

/**
 * @typedef {{message: string, ts: number, reply_to?: number, isTold?: boolean, isOld?: boolean}} Draft
 *   `ts` is the server's time of it, or this device's while the server was not told; `isOld`: the server
 *   has an older one
 */

const PREFIX = "loopchat-draft"

/** Event `changed` with the room when another device wrote; `written` when this one did. */
export class Drafts extends EventTarget {
  /** A draft with an empty text was taken back, and the server was not told yet. @type {Map<number, Draft>} */
  #kept = new Map()
  #prefix

  /** @param {number} uid */
  constructor(uid) {
    super()
    this.#prefix = `${PREFIX}-${uid}-`
    for (const key of this.#keys()) this.#load(key)
  }

  /** @param {number} room */
  of(room) {
    return this.#kept.get(room)?.message ?? ""
  }

  /** The message that the draft answers. @param {number} room */
  replyTo(room) {
    return this.#kept.get(room)?.reply_to
  }

  /** The rooms whose draft the server does not know. */
  get untold() {
    return [...this.#kept].filter(([, draft]) => !draft.isTold)
  }

  /** Written here. @param {number} room @param {string} text @param {number} [replyTo] */
  keep(room, text, replyTo) {
    const message = text.trim() ? text : ""
    const reply_to = message ? replyTo : undefined
    const known = this.#kept.get(room)
    if ((known?.message ?? "") === message && known?.reply_to === reply_to) return
    const isOld = known?.isTold ? Boolean(known.message) : known?.isOld
    // What the server never heard of is not taken back there: another device may have begun one meanwhile.
    if (message || isOld) this.#set(room, { message, reply_to, ts: Date.now(), isOld })
    else this.#set(room, { message: "", ts: 0, isTold: true })
    this.dispatchEvent(new CustomEvent("written", { detail: room }))
  }

  /** The server knows it since then, unless it was changed meanwhile. @param {number} room @param {Draft} draft @param {number} ts */
  told(room, draft, ts) {
    const now = this.#kept.get(room)
    if (now === draft) this.#set(room, { ...draft, ts, isTold: true, isOld: undefined })
    else if (now) now.isOld = Boolean(draft.message)
    else if (draft.message) {
      this.#set(room, { message: "", ts, isOld: true })
      this.dispatchEvent(new CustomEvent("written", { detail: room }))
    }
  }

  /** Written on another device, or taken back there (no text). The later one stays. @param {number} room @param {Draft | undefined} draft */
  heard(room, draft) {
    const known = this.#kept.get(room)
    if (known && !known.isTold && known.ts > (draft?.ts ?? 0)) return
    if ((known?.message ?? "") === (draft?.message ?? "")) {
      if (draft && known) this.#set(room, { ...draft, isTold: true })
      return
    }
    this.#set(room, { message: "", ts: 0, ...draft, isTold: true })
    this.dispatchEvent(new CustomEvent("changed", { detail: room }))
  }

  /** Signed out: no draft of this person stays. */
  clear() {
    for (const key of this.#keys()) localStorage.removeItem(key)
    this.#kept.clear()
  }

  /** @param {number} room @param {Draft} draft */
  #set(room, draft) {
    const isOver = !draft.message && draft.isTold
    if (isOver) this.#kept.delete(room)
    else this.#kept.set(room, draft)
    try {
      if (isOver) localStorage.removeItem(this.#prefix + room)
      else localStorage.setItem(this.#prefix + room, JSON.stringify(draft))
    } catch {
      // A browser that keeps nothing keeps no drafts either.
    }
  }

  /** @param {string} key */
  #load(key) {
    try {
      const draft = JSON.parse(localStorage.getItem(key) ?? "")
      if (typeof draft.message === "string") this.#kept.set(Number(key.slice(this.#prefix.length)), draft)
    } catch {
      localStorage.removeItem(key)
    }
  }

  #keys() {
    try {
      return Object.keys(localStorage).filter(key => key.startsWith(this.#prefix))
    } catch {
      return []
    }
  }
}
