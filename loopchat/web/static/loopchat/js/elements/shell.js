/** @file The whole window: list, conversation or lobby, details, and what lies above them. */

import { html, nothing } from "../../vendor/lit.js"
import { Element } from "./base.js"
import "./connection.js"
import "./conversation.js"
import "./details.js"
import { dialog } from "./dialogs.js"
import "./invitation.js"
import "./lobby.js"
import "./menu.js"
import "./sidebar.js"
import "./toast.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("./dialogs.js").Opened} Opened */

class Shell extends Element {
  static properties = { detailed: { state: true }, opened: { state: true } }

  constructor() {
    super()
    this.detailed = false
    /** @type {Opened | null} */
    this.opened = null
  }

  connectedCallback() {
    super.connectedCallback()
    this.app.addEventListener("ask", event => this.#open(/** @type {CustomEvent} */ (event).detail))
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
      ${this.opened ? dialog(app, this.opened) : nothing}
      <loop-toast .app=${app}></loop-toast>
    </div>`
  }

  /** @param {Opened} opened */
  #open(opened) {
    this.opened = opened
  }
}

customElements.define("loop-shell", Shell)
