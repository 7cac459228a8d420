/** @file The texts that an edited message has had. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { Dialog } from "./dialog.js"
import { text, when } from "./said.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {{message: string, rich?: any[], ts: number}} Revision */

class Revisions extends Dialog {
  static properties = { item: { attribute: false }, found: { state: true } }

  constructor() {
    super()
    /** @type {Message} */
    this.item = /** @type {any} */ (null)
    /** @type {Revision[] | null} */
    this.found = null
  }

  firstUpdated() {
    super.firstUpdated()
    this.#read()
  }

  async #read() {
    const { room, id } = this.item
    try {
      this.found = (await this.app.socket.ask("revisions", { room, id })).items.toReversed()
    } catch (refused) {
      this.error = /** @type {Error} */ (refused).message
    }
  }

  render() {
    const { me } = this.app.store
    return this.frame(t("Earlier versions"), html`<ol class="said-list" aria-busy=${this.found === null}>
      ${this.found?.map((one, n) => html`<li class="said">
        <p class="said__head">${n === 0 ? html`<span class="said__name">${t("Now")}</span>` : nothing}${when(one.ts)}</p>
        <div class="said__text" tabindex="0">${text(one, me.uid)}</div></li>`)}
    </ol>`)
  }
}

customElements.define("loop-revisions", Revisions)
