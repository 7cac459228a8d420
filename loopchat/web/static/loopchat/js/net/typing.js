/** @file Says that I am typing: at most every 3 s, and `false` after 2 s of silence or on sending. */

const REPEAT_MS = 3000
const SILENCE_MS = 2000

export class Typing {
  /** @type {number | null} */
  #room = null
  #saidAt = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {(frame: object) => boolean} send */
  constructor(send) {
    this.send = send
  }

  /** A key was pressed. @param {number} room */
  input(room) {
    if (room !== this.#room) this.stop()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stop(), SILENCE_MS)
    const now = Date.now()
    if (this.#room === room && now - this.#saidAt < REPEAT_MS) return
    this.#room = room
    this.#saidAt = now
    this.send({ type: "typing", room, is_typing: true })
  }

  /** Sent, left the room, or silent. */
  stop() {
    clearTimeout(this.#timer)
    if (this.#room === null) return
    this.send({ type: "typing", room: this.#room, is_typing: false })
    this.#room = null
  }
}
