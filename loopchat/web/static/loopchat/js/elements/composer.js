/** @file Where a message is written: new, as a reply, or to replace an earlier one. */

import { html, live, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { Element } from "./base.js"
import "./completion.js"
import { MESSAGE_MAX, banner, closedWhy, counter, grow, lengthOf, sends } from "./composer_parts.js"
import { format, formatMenu, formatOf, replace } from "./formats.js"
import { icon } from "./icons.js"
import { called, unescaped } from "../model/slash.js"
import { carryOut } from "../slash.js"
import { roomName } from "./summary.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../store/room.js").Room} Room */

class Composer extends Element {
  static properties = {
    room: { attribute: false },
    text: { state: true },
    mode: { state: true },
    offered: { state: true },
  }

  #elsewhere = (/** @type {Event} */ event) => /** @type {CustomEvent} */ (event).detail === this.room.id && this.#recall()

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    this.text = ""
    /** @type {import("./composer_parts.js").Mode | null} */
    this.mode = null
    /** The suggestion that Enter takes. */
    this.offered = ""
  }

  connectedCallback() {
    super.connectedCallback()
    this.app.drafts.addEventListener("changed", this.#elsewhere)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.app.drafts.removeEventListener("changed", this.#elsewhere)
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("room") || changed.get("room") === this.room) return
    this.mode = null
    this.#recall()
    this.#completion?.close()
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("text") || changed.has("room")) grow(this.#field)
    if (changed.has("room") && matchMedia("(pointer: fine)").matches) this.#field?.focus()
  }

  /** What was begun here or on another device. */
  #recall() {
    if (this.mode?.mode === "edit") return
    const { drafts } = this.app
    const answered = this.room.log.quoted(drafts.replyTo(this.room.id) ?? 0)
    this.text = drafts.of(this.room.id)
    this.mode = answered && !answered.deleted_ts ? { mode: "reply", item: answered } : null
  }

  focusField() {
    this.#field?.focus()
  }

  /** Begins a reply or an edit. @param {import("./composer_parts.js").Mode} mode */
  compose(mode) {
    this.mode = mode
    if (mode.mode === "edit") this.text = mode.item.message ?? ""
    else this.app.drafts.keep(this.room.id, this.text, mode.item.id)
    this.#field.focus()
  }

  render() {
    if (this.room.summary.archived) return html`<p class="composer__closed">${closedWhy(this.room.summary)}</p>`
    const left = MESSAGE_MAX - lengthOf(this.text)
    const label = t("Message {name}", { name: roomName(this.room.summary) })
    return html`<form class="composer" @submit=${this.#submit} @completed=${this.#completed}
        @offered=${(/** @type {CustomEvent} */ event) => (this.offered = event.detail)}>
      <loop-completion .app=${this.app} .room=${this.room}></loop-completion>
      ${this.mode ? banner(this.mode, this.app.store.circle, event => this.#cancel(event)) : nothing}
      <div class="composer__row">
        <button type="button" class="icon-button composer__tool" title=${t("Emoji")} aria-label=${t("Insert emoji")} @click=${this.#pickEmoji}>${icon("smile")}</button>
        ${formatMenu(chosen => format(this.#field, chosen))}
        <textarea class="composer__field" rows="1" dir="auto" enterkeyhint="send" autocomplete="off" placeholder=${label} aria-label=${label}
          aria-autocomplete="list" aria-controls=${this.offered ? "completion" : nothing} aria-activedescendant=${this.offered || nothing}
          .value=${live(this.text)} @input=${this.#typed} @keydown=${this.#pressed} @blur=${() => this.#completion?.close()}></textarea>
        ${counter(left)}
        <button class="composer__send" aria-label=${this.mode?.mode === "edit" ? t("Save") : t("Send")}
          ?disabled=${!this.text.trim() || left < 0}>${icon(this.mode?.mode === "edit" ? "check" : "send")}</button>
      </div>
    </form>`
  }

  get #field() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"))
  }

  get #completion() {
    return /** @type {import("./completion.js").Completion | null} */ (this.querySelector("loop-completion"))
  }

  #typed() {
    this.text = this.#field.value
    this.#completion?.look(this.text, this.#field.selectionStart)
    if (this.mode?.mode === "edit") return
    this.app.drafts.keep(this.room.id, this.text, this.mode?.item.id)
    if (this.text.trim() && this.room.summary.receipts) this.app.session.typing.input(this.room.id)
  }

  /** @param {CustomEvent} event */
  #completed({ detail: { text, caret } }) {
    replace(this.#field, text)
    this.#field.setSelectionRange(caret, caret)
  }

  #pickEmoji() {
    const { selectionStart, selectionEnd } = this.#field
    const pick = (/** @type {string} */ emoji) => {
      replace(this.#field, this.text.slice(0, selectionStart) + emoji + this.text.slice(selectionEnd))
      this.#field.setSelectionRange(selectionStart + emoji.length, selectionStart + emoji.length)
    }
    this.app.open({ name: "emoji", pick })
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing || this.#completion?.pressed(event)) return
    const wanted = formatOf(event)
    if (wanted) {
      event.preventDefault()
      format(this.#field, wanted)
    } else if (event.key === "Enter" && sends(event)) this.#submit(event)
    else if (event.key === "Escape" && this.mode) this.#cancel(event)
    else if (event.key === "ArrowUp" && !this.text) this.#editLast(event)
  }

  /** @param {Event} event */
  #cancel(event) {
    event.preventDefault()
    const wasEdit = this.mode?.mode === "edit"
    this.mode = null
    if (wasEdit) this.#recall()
    else this.app.drafts.keep(this.room.id, this.text)
    this.#field.focus()
  }

  /** @param {Event} event */
  #editLast(event) {
    const { store, deletions } = this.app
    const mine = this.room.log.items().findLast(item =>
      item.type === "chat_message" && item.uid === store.me.uid && !item.deleted_ts && !deletions.has(item.id))
    if (mine?.type !== "chat_message") return
    event.preventDefault()
    this.compose({ mode: "edit", item: mine })
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault()
    const text = this.text.trim()
    if (!text || lengthOf(this.text) > MESSAGE_MAX) return
    this.#completion?.close()
    if (this.mode?.mode === "edit") this.#save(this.mode.item, text)
    else if (called(text)) this.#command(text)
    else this.#send(unescaped(text))
    this.#field.focus()
  }

  /** What is no command here stays in the field. @param {string} text */
  async #command(text) {
    const { app, room } = this
    if (await carryOut(app, room, text)) {
      app.drafts.keep(room.id, "")
      if (this.room === room && this.text.trim() === text) this.text = ""
    }
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
    this.#recall()
    if (text !== item.message) await this.app.ask("edit", { room: item.room, id: item.id, message: text })
  }
}

customElements.define("loop-composer", Composer)
export { Composer }
