/** @file The menu of the open conversation: notices, mark as unread, go to a date. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { markUnread } from "../moves.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import "./notify.js"

class RoomMenu extends Element {
  static properties = { room: { attribute: false } }

  constructor() {
    super()
    /** @type {import("../store/room.js").Room} */
    this.room = /** @type {any} */ (null)
  }

  render() {
    const { app, room } = this
    return html`<button type="button" class="icon-button" popovertarget="room-menu" title=${t("Menu of this conversation")}
        aria-label=${t("Menu of this conversation")}>${icon("menu")}</button>
      <div class="menu" id="room-menu" popover>
        <loop-notify .app=${app} .room=${room}></loop-notify>
        <button type="button" class="menu__item" popovertarget="room-menu" popovertargetaction="hide" ?disabled=${room.log.isEmpty}
          @click=${this.#unread}>${icon("mark", "small")}${t("Mark as unread")}</button>
        <button type="button" class="menu__item" popovertarget="room-menu" popovertargetaction="hide" ?disabled=${room.log.isEmpty}
          @click=${() => app.open({ name: "date", room })}>${icon("calendar", "small")}${t("Go to a date")}</button>
      </div>`
  }

  /** From the last message of somebody else, or the last one at all. */
  #unread() {
    const messages = this.room.log.items().filter(item => item.type === "chat_message")
    const last = messages.findLast(item => item.uid !== this.app.store.me.uid) ?? messages.at(-1)
    if (last) markUnread(this.app, last)
  }
}

customElements.define("loop-room-menu", RoomMenu)
