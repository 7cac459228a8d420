/** @file One open room: header, timeline, composer. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { roomAvatar } from "./avatar.js"
import { Element } from "./base.js"
import "./composer.js"
import { icon } from "./icons.js"
import "./request.js"
import "./room_menu.js"
import "./selection.js"
import { roomName, statusLine } from "./summary.js"
import "./timeline.js"
import "./whispers.js"

/** @typedef {import("../store/room.js").Room} Room */

class Conversation extends Element {
  static properties = { room: { attribute: false }, detailed: { type: Boolean } }

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    this.detailed = false
  }

  render() {
    const { app, room } = this
    const selecting = app.selection.isIn(room.id)
    return html`
      ${this.#header()}
      <loop-timeline class="timeline" .app=${app} .room=${room} @compose=${this.#compose}
        @write=${() => this.#composer.focusField()}></loop-timeline>
      <div class="conversation__foot">
        ${selecting ? html`<loop-selection .app=${app} .room=${room}></loop-selection>` : nothing}
        ${room.summary.request ? html`<loop-request .app=${app} .room=${room}></loop-request>` : nothing}
        <loop-whispers .app=${app} .room=${room}></loop-whispers>
        <loop-composer .app=${app} .room=${room} ?hidden=${selecting || Boolean(room.summary.request)} @sent=${this.#sent}></loop-composer>
      </div>`
  }

  #header() {
    const { app, room } = this
    const { summary } = room
    const typing = room.typists().length > 0
    return html`<header class="bar conversation__bar">
      <a class="icon-button bar__back" href=${app.urls.lobby} aria-label=${t("Back to the list")}>${icon("back")}</a>
      <button type="button" class="conversation__who" aria-expanded=${this.detailed ? "true" : "false"}
        @click=${() => this.tell("details")}>
        ${roomAvatar(summary, { size: "s", state: app.store.people.get(summary.peer?.uid ?? 0)?.state })}
        <span class="conversation__names">
          <h1 class="conversation__name truncate" dir="auto">${roomName(summary)}</h1>
          <span class="conversation__status truncate" dir="auto" data-typing=${typing} aria-live="off">${statusLine(app, room)}</span>
        </span>
      </button>
      ${summary.pinned ? html`<button type="button" class="icon-button" title=${t("Pinned messages")}
        aria-label=${t("Pinned messages")} @click=${() => app.open({ name: "pinned", room })}>${icon("pin")}</button>` : nothing}
      <button type="button" class="icon-button" title=${t("Details")} aria-label=${t("Details")}
        aria-expanded=${this.detailed ? "true" : "false"} @click=${() => this.tell("details")}>${icon("info")}</button>
      <loop-room-menu .app=${app} .room=${room}></loop-room-menu>
    </header>`
  }

  get #composer() {
    return /** @type {import("./composer.js").Composer} */ (this.querySelector("loop-composer"))
  }

  /** @param {CustomEvent} event */
  #compose(event) {
    this.#composer.compose(event.detail)
  }

  #sent() {
    const timeline = /** @type {import("./timeline.js").Timeline} */ (this.querySelector("loop-timeline"))
    timeline.updateComplete.then(() => timeline.sent())
  }
}

customElements.define("loop-conversation", Conversation)
