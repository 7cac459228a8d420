/** @file What bots answered to me alone: above the field, in no log, gone when it is closed. */

import { html, nothing, repeat } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { hue } from "../model/names.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { text } from "./said.js"

/** @typedef {import("../types.js").Whisper} Whisper */

class Whispers extends Element {
  static properties = { room: { attribute: false } }

  constructor() {
    super()
    /** @type {import("../store/room.js").Room} */
    this.room = /** @type {any} */ (null)
  }

  render() {
    const { whispers } = this.room
    return html`<ul class="whispers" role="log" aria-label=${t("Only for you")} ?hidden=${whispers.length === 0}>
      ${repeat(whispers, one => one.cid, one => this.#whisper(one))}</ul>`
  }

  /** @param {Whisper} one */
  #whisper(one) {
    const { me, circle } = this.app.store
    return html`<li class="whisper" data-hue=${hue(one.uid)}>
      <div class="whisper__said">
        <p class="whisper__head">${one.uid === me.uid ? nothing : html`<strong class="truncate">${circle.name(one)}</strong>`}<bdi class="truncate">${one.given ?? `/${one.command}`}</bdi>
          <span class="muted">${t("Only you see this")}</span></p>
        ${one.failed ? html`<p class="muted">${t("The bot does not answer.")}</p>` : one.message === undefined ? html`<p class="muted">…</p>` : text(one, me.uid)}
      </div>
      <button type="button" class="icon-button" aria-label=${t("Close")} @click=${() => this.#close(one)}>${icon("close", "small")}</button>
    </li>`
  }

  /** @param {Whisper} one */
  #close(one) {
    this.room.unwhisper(one.cid)
    this.app.store.changed()
  }
}

customElements.define("loop-whispers", Whispers)
