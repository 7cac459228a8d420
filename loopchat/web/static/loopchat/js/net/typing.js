/** @file Says that I am typing: at most every 3 s, and `false` after 2 s of silence or on sending. */

/** @typedef {(type: string, fields: object) => Promise<any>} Ask */
/** @typedef {import("./requests.js").Refusal} Refusal */

const REPEAT_MS = 3000
const SILENCE_MS = 2000

/** The server takes few of these; what it refuses is said again later, if it is still true. */
export class Typing {
  /** The room in which I am typing. @type {number | null} */
  #room = null
  /** What the room was told last. */
  #told = false
  #toldAt = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again

  /** @param {Ask} ask */
  constructor(ask) {
    this.ask = ask
  }

  /** A key was pressed. @param {number} room */
  input(room) {
    if (room !== this.#room) this.stop()
    this.#room = room
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.stop(), SILENCE_MS)
    if (!this.#told || Date.now() - this.#toldAt > REPEAT_MS) this.#say(room, true)
  }

  /** Sent, left the room, or silent. */
  stop() {
    clearTimeout(this.#silence)
    clearTimeout(this.#again)
    const room = this.#room
    this.#room = null
    if (room !== null && this.#told) this.#say(room, false)
  }

  /** @param {number} room @param {boolean} typing */
  async #say(room, typing) {
    this.#told = typing
    this.#toldAt = Date.now()
    try {
      await this.ask("typing", { room, is_typing: typing })
    } catch (refused) {
      const { retryAfter } = /** @type {Refusal} */ (refused)
      if (retryAfter) this.#later(room, typing, retryAfter)
    }
  }

  /** @param {number} room @param {boolean} typing @param {number} ms */
  #later(room, typing, ms) {
    clearTimeout(this.#again)
    this.#again = setTimeout(() => {
      const isTyping = this.#room === room
      if (isTyping === typing) this.#say(room, typing)
    }, ms)
  }
}
