/** @file What was typed and not sent, for each room, on this device. */

const PREFIX = "loopchat-draft"

export class Drafts {
  /** @type {Map<string, string>} */
  #kept = new Map()
  #prefix

  /** @param {number} uid */
  constructor(uid) {
    this.#prefix = `${PREFIX}-${uid}-`
    for (const key of this.#keys()) this.#kept.set(key, localStorage.getItem(key) ?? "")
  }

  /** @param {number} room */
  of(room) {
    return this.#kept.get(this.#prefix + room) ?? ""
  }

  /** @param {number} room @param {string} text */
  keep(room, text) {
    const key = this.#prefix + room
    if (text.trim()) this.#kept.set(key, text)
    else this.#kept.delete(key)
    try {
      if (text.trim()) localStorage.setItem(key, text)
      else localStorage.removeItem(key)
    } catch {
      // A browser that keeps nothing keeps no drafts either.
    }
  }

  /** Signed out: no draft of this person stays. */
  clear() {
    for (const key of this.#keys()) localStorage.removeItem(key)
    this.#kept.clear()
  }

  #keys() {
    try {
      return Object.keys(localStorage).filter(key => key.startsWith(this.#prefix))
    } catch {
      return []
    }
  }
}
