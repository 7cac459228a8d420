/** @file Stands in the place of the composer while a conversation waits for my yes. */

import { html, nothing } from "../../vendor/lit.js"
import { block } from "../exits.js"
import { t } from "../i18n.js"
import { personName } from "../model/names.js"
import { Element } from "./base.js"

class Request extends Element {
  static properties = { room: { attribute: false } }

  constructor() {
    super()
    /** @type {import("../store/room.js").Room} */
    this.room = /** @type {any} */ (null)
  }

  render() {
    const { peer } = this.room.summary
    return html`<div class="request" role="group" aria-label=${t("Message request")}>
      <p class="request__text"><strong>${peer ? t("{name} wants to write to you", { name: personName(peer) }) : t("You were added to this group")}</strong>
        <span class="muted">${t("They do not see whether you have read this.")}</span></p>
      <p class="request__buttons">
        <button type="button" class="button button--primary" @click=${() => this.#answer(true)}>${t("Accept")}</button>
        <button type="button" class="button" @click=${() => this.#answer(false)}>${t("Decline")}</button>
        ${peer ? html`<button type="button" class="button button--danger" @click=${() => block(this.app, peer)}>${t("Block")}</button>` : nothing}
      </p>
    </div>`
  }

  /** @param {boolean} accept */
  async #answer(accept) {
    const { app, room } = this
    if (!(await app.ask("message_request", { room: room.id, accept }))) return
    if (accept) app.store.apply({ type: "message_request", room: room.id, request: false })
    else app.toast(room.summary.peer ? t("Declined. They are not told.") : t("Declined. You are out of it."))
  }
}

customElements.define("loop-request", Request)
