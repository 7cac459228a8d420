/** @file A finger that rests on a message opens its menu. */

const REST_MS = 450
const MOVED_PX = 10

export class LongPress {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #from = { x: 0, y: 0 }
  /** The tap that ends a long press is no tap. */
  #pressed = false

  /** @param {(target: Element, at: {x: number, y: number}) => void} work */
  constructor(work) {
    this.work = work
  }

  /** @param {PointerEvent} event */
  down(event) {
    this.stop()
    this.#pressed = false
    if (event.pointerType !== "touch" || !(event.target instanceof Element)) return
    const { target, clientX: x, clientY: y } = event
    this.#from = { x, y }
    this.#timer = setTimeout(() => {
      this.#pressed = true
      this.work(target, { x, y })
    }, REST_MS)
  }

  /** @param {PointerEvent} event */
  move({ clientX, clientY }) {
    if (Math.hypot(clientX - this.#from.x, clientY - this.#from.y) > MOVED_PX) this.stop()
  }

  stop() {
    clearTimeout(this.#timer)
  }

  /** The browser's own menu stays away while ours opens. @param {Event} event */
  context(event) {
    if (/** @type {PointerEvent} */ (event).pointerType === "touch") event.preventDefault()
  }

  /** @param {Event} event whether this click only ended a long press */
  ends(event) {
    if (!this.#pressed) return false
    this.#pressed = false
    event.preventDefault()
    event.stopPropagation()
    return true
  }
}
