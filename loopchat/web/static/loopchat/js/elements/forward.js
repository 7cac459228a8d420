/** @file Takes messages to another conversation. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { forwarded } from "../model/forwarding.js"
import { byTime } from "../store/listing.js"
import { atName } from "../model/names.js"
import { roomAvatar } from "./avatar.js"
import { Dialog } from "./dialog.js"
import { roomName } from "./summary.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../types.js").Message} Message */

class Forward extends Dialog {
  static properties = { items: { attribute: false }, wanted: { state: true } }

  constructor() {
    super()
    /** @type {Message[]} */
    this.items = []
    this.wanted = ""
  }

  render() {
    const rooms = this.#rooms()
    return this.frame(t("Forward to"), html`<div class="picker">
      <input class="input" type="search" autocomplete="off" autofocus placeholder=${t("Search conversations")} aria-label=${t("Search conversations")}
        .value=${this.wanted} @input=${(/** @type {any} */ event) => (this.wanted = event.target.value)}>
      <ul class="picker__list">${rooms.map(room => html`<li><button type="button" class="row row--small" @click=${() => this.#to(room)}>
        ${roomAvatar(room.summary, { size: "s" })}
        <span class="row__name truncate" dir="auto">${roomName(room.summary)}</span>
        <span class="row__line truncate" dir="auto">${room.summary.peer ? atName(room.summary.peer) : room.summary.topic}</span>
      </button></li>`)}</ul>
      ${rooms.length ? "" : html`<p class="picker__nobody">${t("Nothing found.")}</p>`}
    </div>`)
  }

  #rooms() {
    const wanted = this.wanted.trim().toLocaleLowerCase()
    const text = (/** @type {Room} */ { summary }) => `${roomName(summary)} ${summary.peer?.username ?? ""}`.toLocaleLowerCase()
    return [...this.app.store.rooms.values()]
      .filter(room => !room.summary.archived && text(room).includes(wanted)).sort(byTime)
  }

  /** Enter takes the first one. */
  async send() {
    const [first] = this.#rooms()
    if (first) this.#to(first)
  }

  /** @param {Room} room */
  #to({ id, summary }) {
    for (const item of this.items) this.app.outbox.add(id, forwarded(item, this.app.store.circle.name(item)))
    this.app.selection.end()
    this.close()
    const isHere = this.app.shown?.id === id
    this.app.toast(t("Forwarded to {name}", { name: roomName(summary) }),
      isHere ? undefined : { label: t("Show"), run: () => this.app.openRoom(id) })
  }
}

customElements.define("loop-forward", Forward)
