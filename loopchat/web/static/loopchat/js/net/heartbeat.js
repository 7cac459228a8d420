/** @file Finds out that a connection is dead although nobody closed it. */

const SILENCE_MS = 30_000
const ANSWER_MS = 10_000

/** After 30 s without a frame it asks; without any frame within 10 s more it gives up. */
export class Heartbeat {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #heard = 0

  /**
   * @param {() => void} ping
   * @param {() => void} dead
   */
  constructor(ping, dead) {
    this.ping = ping
    this.dead = dead
  }

  /** A frame came. It is told often, so it only notes the time; the timer looks at it. */
  heard() {
    this.#heard = performance.now()
  }

  start() {
    this.heard()
    this.#sleep(SILENCE_MS)
  }

  stop() {
    clearTimeout(this.#timer)
  }

  /** Asks now, for instance because the tab is shown again after a long time. */
  probe() {
    const asked = performance.now()
    this.ping()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.#heard > asked ? this.#sleep(SILENCE_MS) : this.dead()), ANSWER_MS)
  }

  /** @param {number} ms */
  #sleep(ms) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const silent = performance.now() - this.#heard
      if (silent >= SILENCE_MS) this.probe()
      else this.#sleep(SILENCE_MS - silent)
    }, ms)
  }
}
