/** @file A word about what was done, for some seconds, and perhaps the way back. */

import { html, nothing } from "../../vendor/lit.js"
import { UNDO_MS } from "../store/deletions.js"
import { Element } from "./base.js"

/** `stays`: until it is taken. @typedef {{label: string, run: () => unknown, stays?: boolean}} Offer */

const SHORT_MS = 4000

class Toast extends Element {
  static properties = { said: { state: true }, offer: { state: true } }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #asked = (/** @type {Event} */ event) => this.#say(/** @type {CustomEvent} */ (event).detail)

  constructor() {
    super()
    this.said = ""
    /** @type {Offer | undefined} */
    this.offer = undefined
  }

  connectedCallback() {
    super.connectedCallback()
    this.app.addEventListener("toast", this.#asked)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.app.removeEventListener("toast", this.#asked)
  }

  render() {
    const { said, offer } = this
    return html`<div class="toast" data-shown=${Boolean(said)}><p role="status" class="toast__text">${said}</p>
      ${said && offer ? html`<button type="button" class="toast__button" @click=${this.#take}>${offer.label}</button>` : nothing}</div>`
  }

  /** @param {{text: string, offer?: Offer}} toast */
  #say({ text, offer }) {
    this.said = text
    this.offer = offer
    clearTimeout(this.#timer)
    if (!offer?.stays) this.#timer = setTimeout(() => (this.said = ""), offer ? UNDO_MS : SHORT_MS)
  }

  #take() {
    this.offer?.run()
    this.said = ""
  }
}

customElements.define("loop-toast", Toast)
