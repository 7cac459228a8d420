/** @file The whole window: list, conversation or lobby, details, and what lies above them. */

import { html, nothing } from "../../vendor/lit.js"
import { Element } from "./base.js"
import "./confirm.js"
import "./connection.js"
import "./conversation.js"
import "./details.js"
import "./invitation.js"
import "./lobby.js"
import "./menu.js"
import "./new_conversation.js"
import "./notices.js"
import "./readers.js"
import "./room_dialogs.js"
import "./shortcuts.js"
import "./sidebar.js"
import "./switcher.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {{name: string, item?: import("../types.js").Message, room?: Room, kind?: string, question?: import("./confirm.js").Question, answer?: (sure: boolean) => void}} Opened */

const TOAST_MS = 4000

class Shell extends Element {
  static properties = { detailed: { state: true }, opened: { state: true }, said: { state: true } }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  constructor() {
    super()
    this.detailed = false
    /** @type {Opened | null} */
    this.opened = null
    this.said = ""
  }

  connectedCallback() {
    super.connectedCallback()
    this.app.addEventListener("ask", event => this.#open(/** @type {CustomEvent} */ (event).detail))
    this.app.addEventListener("toast", event => this.#say(/** @type {CustomEvent} */ (event).detail))
    this.app.addEventListener("moved", () => this.requestUpdate())
  }

  render() {
    const { app } = this
    const room = app.shown
    const view = room || app.invitation ? "room" : "lobby"
    return html`<div class="shell" data-view=${view} data-detailed=${(room && this.detailed) || nothing}
        @new-conversation=${(/** @type {CustomEvent} */ event) => this.#open({ name: "new", kind: event.detail ?? "direct" })}
        @dialog=${(/** @type {CustomEvent} */ event) => this.#open(event.detail)}
        @dialog-closed=${() => (this.opened = null)} @details=${() => (this.detailed = !this.detailed)}>
      <loop-sidebar class="sidebar" .app=${app} .shown=${room?.id ?? null}></loop-sidebar>
      <main class="main" id="main">
        <loop-connection .app=${app}></loop-connection>
        ${room
          ? html`<loop-conversation class="conversation" .app=${app} .room=${room} ?detailed=${this.detailed}></loop-conversation>`
          : app.invitation
            ? html`<loop-invitation class="lobby" .app=${app}></loop-invitation>`
            : html`<loop-lobby class="lobby" .app=${app}></loop-lobby>`}
      </main>
      ${room && this.detailed ? html`<aside class="details"><loop-details .app=${app} .room=${room}></loop-details></aside>` : nothing}
      <loop-menu .app=${app}></loop-menu>
      ${this.opened ? this.#dialog(this.opened) : nothing}
      <p class="toast" role="status" data-shown=${Boolean(this.said)}>${this.said}</p>
    </div>`
  }

  /** @param {Opened} opened */
  #dialog({ name, item, room, kind, question, answer }) {
    const { app } = this
    if (name === "new") return html`<loop-new-conversation .app=${app} .kind=${kind}></loop-new-conversation>`
    if (name === "switcher") return html`<loop-switcher .app=${app}></loop-switcher>`
    if (name === "shortcuts") return html`<loop-shortcuts .app=${app}></loop-shortcuts>`
    if (name === "notices") return html`<loop-notices .app=${app}></loop-notices>`
    if (name === "readers") return html`<loop-readers .app=${app} .item=${item}></loop-readers>`
    if (name === "invite") return html`<loop-invite .app=${app} .room=${room}></loop-invite>`
    if (name === "rename") return html`<loop-rename .app=${app} .room=${room}></loop-rename>`
    return html`<loop-confirm .app=${app} .question=${question} .answer=${answer}></loop-confirm>`
  }

  /** @param {Opened} opened */
  #open(opened) {
    this.opened = opened
  }

  /** @param {string} text */
  #say(text) {
    this.said = text
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.said = ""), TOAST_MS)
  }
}

customElements.define("loop-shell", Shell)
