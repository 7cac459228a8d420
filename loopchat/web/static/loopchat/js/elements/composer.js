/** @file Where a message is written: new, as a reply, or to replace an earlier one. */

import { html, live, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { hue } from "../model/names.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { roomName } from "./summary.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../store/room.js").Room} Room */

const MESSAGE_MAX = 8000
const NEARLY_FULL = 500

class Composer extends Element {
  static properties = {
    room: { attribute: false },
    text: { state: true },
    mode: { state: true },
  }

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    this.text = ""
    /** @type {{mode: "reply" | "edit", item: Message} | null} */
    this.mode = null
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("room") || changed.get("room") === this.room) return
    this.mode = null
    this.text = this.app.drafts.of(this.room.id)
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("text") || changed.has("room")) this.#grow()
    if (changed.has("room") && matchMedia("(pointer: fine)").matches) this.#field?.focus()
  }

  focusField() {
    this.#field?.focus()
  }

  /** Begins a reply or an edit. @param {{mode: "reply" | "edit", item: Message}} mode */
  compose(mode) {
    this.mode = mode
    if (mode.mode === "edit") this.text = mode.item.message ?? ""
    this.#field.focus()
  }

  render() {
    if (this.room.summary.archived) return html`<p class="composer__closed">${t("This room is archived: it can be read, not written.")}</p>`
    const left = MESSAGE_MAX - this.#length
    return html`<form class="composer" @submit=${this.#submit}>
      ${this.mode ? this.#banner(this.mode) : nothing}
      <div class="composer__row">
        <textarea class="composer__field" rows="1" dir="auto" enterkeyhint="send" autocomplete="off"
          placeholder=${t("Message {name}", { name: roomName(this.room.summary) })}
          aria-label=${t("Message {name}", { name: roomName(this.room.summary) })}
          .value=${live(this.text)} @input=${this.#typed} @keydown=${this.#pressed}></textarea>
        ${left < NEARLY_FULL ? html`<span class="composer__left" data-over=${left < 0 || nothing}>${left}</span>` : nothing}
        <button class="composer__send" aria-label=${this.mode?.mode === "edit" ? t("Save") : t("Send")}
          ?disabled=${!this.text.trim() || left < 0}>${icon(this.mode?.mode === "edit" ? "check" : "send")}</button>
      </div>
    </form>`
  }

  /** @param {NonNullable<Composer["mode"]>} mode */
  #banner({ mode, item }) {
    const name = item.uid === this.app.store.me.uid ? t("You") : item.username
    return html`<div class="composer__banner" data-hue=${hue(item.uid)}>
      ${icon(mode, "small")}
      <p class="composer__about"><strong>${mode === "edit" ? t("Edit message") : name}</strong>
        <span class="truncate" dir="auto">${item.message}</span></p>
      <button type="button" class="icon-button" aria-label=${t("Cancel")} @click=${this.#cancel}>${icon("close", "small")}</button>
    </div>`
  }

  get #field() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"))
  }

  get #length() {
    return this.text.length > MESSAGE_MAX - NEARLY_FULL ? [...this.text.trim()].length : 0
  }

  /** The field is as high as its text, up to 40 % of the window. */
  #grow() {
    const field = this.#field
    if (!field) return
    field.style.setProperty("--height", "0px")
    field.style.setProperty("--height", `${field.scrollHeight}px`)
  }

  #typed() {
    this.text = this.#field.value
    if (this.mode?.mode === "edit") return
    this.app.drafts.keep(this.room.id, this.text)
    if (this.text.trim() && this.room.summary.receipts) this.app.session.typing.input(this.room.id)
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing) return
    if (event.key === "Enter" && sends(event)) this.#submit(event)
    else if (event.key === "Escape" && this.mode) this.#cancel(event)
    else if (event.key === "ArrowUp" && !this.text) this.#editLast(event)
  }

  /** @param {Event} event */
  #cancel(event) {
    event.preventDefault()
    if (this.mode?.mode === "edit") this.text = this.app.drafts.of(this.room.id)
    this.mode = null
    this.#field.focus()
  }

  /** @param {Event} event */
  #editLast(event) {
    const { me } = this.app.store
    const mine = this.room.log.items().findLast(
      item => item.type === "chat_message" && item.uid === me.uid && !item.deleted_ts,
    )
    if (mine?.type !== "chat_message") return
    event.preventDefault()
    this.compose({ mode: "edit", item: mine })
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault()
    const text = this.text.trim()
    if (!text || this.#length > MESSAGE_MAX) return
    if (this.mode?.mode === "edit") this.#save(this.mode.item, text)
    else this.#send(text)
    this.#field.focus()
  }

  /** @param {string} text */
  #send(text) {
    const { app, room, mode } = this
    app.outbox.add(room.id, text, mode?.item.id)
    app.session.typing.stop()
    app.drafts.keep(room.id, "")
    this.mode = null
    this.text = ""
    this.tell("sent")
  }

  /** @param {Message} item @param {string} text */
  async #save(item, text) {
    this.mode = null
    this.text = this.app.drafts.of(this.room.id)
    if (text !== item.message) await this.app.ask("edit", { room: item.room, id: item.id, message: text })
  }
}

/** Whether this Enter sends: a setting; Ctrl or ⌘ with it always does. @param {KeyboardEvent} event */
function sends(event) {
  if (event.ctrlKey || event.metaKey) return true
  return document.documentElement.dataset.enter !== "line" && !event.shiftKey
}

customElements.define("loop-composer", Composer)
export { Composer }
