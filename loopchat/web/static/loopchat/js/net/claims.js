/** @file One of the open tabs does what only one should do. Works without Web Locks. */

/** Time for the other tabs to speak up. */
const CLAIM_MS = 250
const VETO = -1
const MEMORY = 200

/**
 * Who wants something says so to the other tabs with a number drawn at random; the lowest number
 * wins. A tab that did it already, or that the person is looking at, says a lower one. What was
 * won stands in localStorage too, for tabs that hear of the matter later.
 */
export class Claims {
  #rank = Math.random()
  /** The lowest number that was said for each matter. @type {Map<string, number>} */
  #lowest = new Map()
  #channel
  #key

  /** @param {string} name of the channel @param {() => boolean} isLookedAt */
  constructor(name, isLookedAt) {
    this.#key = name
    this.isLookedAt = isLookedAt
    this.#channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null
    this.#channel?.addEventListener("message", event => this.#heard(event.data))
  }

  /** Whether this tab is the one for the message `seq` of a room. @param {number} room @param {number} seq */
  async wins(room, seq) {
    const matter = `${room} ${seq}`
    if (this.#taken(room) >= seq) return false
    this.#channel?.postMessage({ matter, rank: this.#rank })
    await new Promise(done => setTimeout(done, CLAIM_MS))
    if ((this.#lowest.get(matter) ?? 1) < this.#rank || this.#taken(room) >= seq) return false
    this.#take(room, seq)
    return true
  }

  /** @param {{matter: string, rank: number}} said */
  #heard({ matter, rank }) {
    this.#lowest.set(matter, Math.min(rank, this.#lowest.get(matter) ?? 1))
    if (this.#lowest.size > MEMORY) this.#lowest.clear()
    if (rank === VETO) return
    const [room, seq] = matter.split(" ").map(Number)
    if (this.isLookedAt() || this.#taken(room) >= seq) this.#channel?.postMessage({ matter, rank: VETO })
  }

  /** @param {number} room */
  #taken(room) {
    return this.#all()[room] ?? 0
  }

  /** @param {number} room @param {number} seq */
  #take(room, seq) {
    try {
      localStorage.setItem(this.#key, JSON.stringify({ ...this.#all(), [room]: seq }))
    } catch {
      // Without storage the channel alone has to do.
    }
  }

  /** @returns {Record<string, number>} */
  #all() {
    try {
      return JSON.parse(localStorage.getItem(this.#key) ?? "{}")
    } catch {
      return {}
    }
  }
}
