/** @file Messages that are kept in sight: those pinned in a room, or those that I have saved. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { mayPin } from "../model/rights.js"
import { Dialog } from "./dialog.js"
import { icon } from "./icons.js"
import { said } from "./said.js"
import { roomName } from "./summary.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../types.js").Message} Message */

class KeptMessages extends Dialog {
  static properties = { room: { attribute: false }, items: { state: true }, next: { state: true } }

  #changed = () => this.#read()

  constructor() {
    super()
    /** Without a room these are my saved messages. @type {Room | undefined} */
    this.room = undefined
    /** @type {Message[] | null} */
    this.items = null
    /** Where the next page begins. @type {number | undefined} */
    this.next = undefined
  }

  connectedCallback() {
    super.connectedCallback()
    this.app.store.addEventListener(this.room ? "pinned" : "saved", this.#changed)
    this.#read()
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    for (const name of ["pinned", "saved"]) this.app.store.removeEventListener(name, this.#changed)
  }

  async #read(before = 0) {
    const answer = await this.app.ask(this.room ? "pins" : "saves", this.room ? { room: this.room.id } : before ? { before } : {})
    if (!answer) return
    const found = answer.items.map((/** @type {any} */ item) => item.message && typeof item.message === "object" ? item.message : item)
    this.items = before ? [...(this.items ?? []), ...found] : found
    this.next = answer.next
  }

  render() {
    const { room, items, app } = this
    return this.frame(room ? t("Pinned messages") : t("Saved messages"), html`
      ${items?.length === 0 ? html`<p class="picker__nobody">${room ? t("Nothing is pinned here.") : t("You have not saved anything yet. Choose “Save” in the menu of a message.")}</p>` : nothing}
      <ol class="said-list" aria-busy=${items === null}>
        ${items?.map(item => said(item, app.store.me.uid, this.#where(item), this.#tools(item), app.store.circle))}
      </ol>
      ${this.next ? html`<button type="button" class="button button--quiet" @click=${() => this.#read(this.next)}>${t("Older")}</button>` : nothing}`)
  }

  /** @param {Message} item */
  #where(item) {
    const room = this.room ? null : this.app.store.room(item.room)
    return room ? html`<span class="said__where truncate" dir="auto">${roomName(room.summary)}</span>` : nothing
  }

  /** @param {Message} item */
  #tools(item) {
    const lets = this.room ? mayPin(this.room.summary) : true
    return html`<button type="button" class="button button--small" @click=${() => this.#open(item)}>${icon("forward", "small")}${t("Show")}</button>
      ${lets ? html`<button type="button" class="button button--small button--quiet" @click=${() => this.#letGo(item)}>${this.room ? t("Unpin") : t("Remove")}</button>` : nothing}`
  }

  /** @param {Message} item */
  #open(item) {
    this.close()
    this.app.openMessage(item.room, item.seq)
  }

  /** @param {Message} item */
  #letGo({ room, id }) {
    return this.app.ask(this.room ? "pin" : "save", { room, id, on: false })
  }
}

customElements.define("loop-kept", KeptMessages)
