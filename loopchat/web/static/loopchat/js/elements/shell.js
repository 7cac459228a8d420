/** @file The whole window: list, conversation or lobby, details, and what lies above them. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { bring, isHere } from "../parts.js"
import { Element } from "./base.js"
import "./connection.js"
import "./conversation.js"
import { dialog } from "./dialogs.js"
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
    const view = room || app.invitation || app.screen ? "room" : "lobby"
    return html`<div class="shell" data-view=${view} data-detailed=${(room && this.detailed) || nothing}
        @new-conversation=${(/** @type {CustomEvent} */ event) => this.#open({ name: "new", kind: event.detail ?? "direct" })}
        @dialog=${(/** @type {CustomEvent} */ event) => this.#open(event.detail)}
        @dialog-closed=${() => (this.opened = null)} @details=${this.#toggleDetails}>
      <loop-sidebar class="sidebar" .app=${app} .shown=${room?.id ?? null}></loop-sidebar>
      <main class="main" id="main">
        <loop-connection .app=${app}></loop-connection>
        ${room
          ? html`<loop-conversation class="conversation" .app=${app} .room=${room} ?detailed=${this.detailed}></loop-conversation>`
          : app.invitation
            ? this.#part("invitation", () => html`<loop-invitation class="lobby" .app=${app}></loop-invitation>`)
            : app.screen
              ? this.#part("people", () => html`<loop-people class="lobby" .app=${app}></loop-people>`)
            : this.#part("lobby", () => html`<loop-lobby class="lobby" .app=${app}></loop-lobby>`)}
      </main>
      ${room && this.detailed ? this.#part("details", () => html`<div class="details__scrim" @click=${() => (this.detailed = false)}></div><aside class="details" @keydown=${this.#pressed}><loop-details .app=${app} .room=${room}></loop-details></aside>`) : nothing}
      <loop-menu .app=${app}></loop-menu>
      ${this.opened ? dialog(app, this.opened) : nothing}
      <loop-toast .app=${app}></loop-toast>
    </div>`
  }

  /** What does not belong to every page is drawn as soon as it is here. @param {string} name @param {() => unknown} draw */
  #part(name, draw) {
    if (isHere(name)) return draw()
    bring(name).then(() => this.requestUpdate(), () => this.app.toast(t("This cannot be loaded now.")))
    return nothing
  }

  /** Whoever was in the details finds the way back to their button. */
  async #toggleDetails() {
    const inside = this.detailed && this.querySelector("aside")?.contains(document.activeElement)
    this.detailed = !this.detailed
    await this.updateComplete
    if (inside) /** @type {HTMLElement | undefined} */ ([...this.querySelectorAll(".conversation__bar > [aria-expanded]")].at(-1))?.focus()
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key !== "Escape" || document.querySelector(":popover-open")) return
    event.preventDefault()
    this.#toggleDetails()
  }

  /** @param {Opened} opened */
  async #open(opened) {
    try {
      await bring(opened.name)
      this.opened = opened
    } catch {
      opened.answer?.(false)
      this.app.toast(t("This cannot be loaded now."))
    }
  }
}

customElements.define("loop-shell", Shell)
