/** @file What all elements of the client share: light DOM, and a look at the store. */

import { LitElement } from "../../vendor/lit.js"

/** @typedef {import("../app.js").App} App */

/** Renders into itself, so that the page's sheets apply, and again whenever the store changed. */
export class Element extends LitElement {
  /** @type {Record<string, object>} */
  static properties = { app: { attribute: false } }

  /** @type {(() => void) | null} */
  #stop = null

  constructor() {
    super()
    /** @type {App} */
    this.app = /** @type {any} */ (null)
  }

  /** Drops the server's placeholder and renders in its place. */
  createRenderRoot() {
    this.replaceChildren()
    return this
  }

  connectedCallback() {
    super.connectedCallback()
    this.#stop ??= this.app.store.watch(() => this.requestUpdate())
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.#stop?.()
    this.#stop = null
  }

  /** Tells the elements above. @param {string} name @param {unknown} [detail] */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }
}
