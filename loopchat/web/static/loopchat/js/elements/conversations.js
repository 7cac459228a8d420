/** @file The list of conversations on pages beside the chat, and how many messages wait there. */

import { html, nothing, repeat } from "../../vendor/lit.js"
import { number, t } from "../i18n.js"
import { waiting } from "../model/attention.js"
import { byTime, isWorthARow } from "../store/listing.js"
import { Element } from "./base.js"
import { roomRow } from "./row.js"

/** As many as the server draws. */
const SHOWN_MAX = 50

class Rows extends Element {
  render() {
    const { store, drafts } = this.app
    const worth = [...store.rooms.values()].filter(room => isWorthARow(room, null, Boolean(drafts.of(room.id))))
    if (!worth.length) return html`<p class="plain__nothing">${t("No conversations yet.")}</p>`
    return html`<ul>${repeat(worth.toSorted(byTime).slice(0, SHOWN_MAX), room => room.id, room => html`<li>${roomRow(this.app, room, { small: true })}</li>`)}</ul>`
  }
}

class Waiting extends Element {
  render() {
    const { messages } = waiting(this.app.store.rooms.values())
    return messages ? html`<span class="badge">${number(messages)}<span class="sr-only"> ${t("unread")}</span></span>` : nothing
  }
}

customElements.define("loop-rows", Rows)
customElements.define("loop-waiting", Waiting)
