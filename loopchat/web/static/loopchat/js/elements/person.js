/** @file All that one may know of a person, and what may be done: in cards and beside conversations. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { timeAt } from "../model/dates.js"
import { atName, personName, roomPath } from "../model/names.js"
import { get } from "../net/http.js"
import { kindMark, personAvatar } from "./avatar.js"
import { Element } from "./base.js"
import { contactButtons, requestNote } from "./contact.js"
import { icon } from "./icons.js"
import { presenceLine, roomName, statusText } from "./summary.js"

/** @typedef {import("../types.js").Face} Face */
/** @typedef {Face & {about?: string, utc_offset_min?: number, rooms: import("../types.js").RoomSummary[]}} Card */

class PersonElement extends Element {
  static properties = { who: { attribute: false }, card: { state: true }, error: { state: true }, asks: { state: true } }

  /** How they looked when the card was read. @type {unknown} */
  #readAt = null

  constructor() {
    super()
    /** @type {Face} */
    this.who = /** @type {any} */ (null)
    /** @type {Card | null} */
    this.card = null
    this.error = ""
    /** Whether a note for a request is being written. */
    this.asks = false
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("who") && this.card?.uid !== this.who.uid) {
      this.card = null
      this.asks = false
    }
    const stamp = this.app.store.circle.face(this.who.uid) ?? this.who.uid
    if (this.card && stamp === this.#readAt) return
    if (stamp === this.#readAt && !changed.has("who")) return
    this.#readAt = stamp
    this.#read()
  }

  async #read() {
    const { uid, username } = this.who
    this.app.lookFor(this.who)
    try {
      const card = await get(this.app.urls.card.replace("~", encodeURIComponent(username)))
      if (uid === this.who.uid) this.card = card
      this.error = ""
    } catch (refused) {
      this.error = /** @type {Error} */ (refused).message
    }
  }

  render() {
    const { app, card } = this
    const { circle } = app.store
    const face = { ...this.who, ...card, ...circle.face(this.who.uid) }
    const present = circle.present.get(face.uid)
    const contact = circle.contacts.get(face.uid)
    const status = statusText(face)
    return html`<div class="profile" aria-busy=${!card && !this.error}>
      ${personAvatar(face, { size: "xl", state: present?.state })}
      <p class="profile__name" dir="auto">${personName(face)}${kindMark(face)}</p>
      <p class="muted"><bdi>${face.deleted ? t("Nobody reads here any more.") : atName(face)}</bdi></p>
      ${status ? html`<p class="profile__status" dir="auto">${status}</p>` : nothing}
      <p class="muted">${presenceLine(present)}</p>
      ${card?.utc_offset_min === undefined ? nothing : html`<p class="muted">${t("{time} where they are", { time: timeAt(card.utc_offset_min) })}</p>`}
      ${this.error ? html`<p class="form__error" role="alert">${this.error}</p>` : nothing}
      ${contact?.note && contact.request === "in" ? html`<blockquote class="profile__note" dir="auto">${contact.note}</blockquote>` : nothing}
      <div class="profile__tools">${this.#tools(face)}</div>
      ${this.asks && !contact?.request ? requestNote(app, face, () => (this.asks = false)) : nothing}
      ${card?.about ? html`<section><h3 class="details__title">${t("About")}</h3><p class="profile__about" dir="auto">${card.about}</p></section>` : nothing}
      ${this.#rooms()}
    </div>`
  }

  /** @param {Face} face */
  #tools(face) {
    const { app } = this
    if (face.deleted) return nothing
    if (face.uid !== app.store.me.uid) return contactButtons(app, face, { blocks: true, ask: () => this.#ask(), leave: () => this.tell("left") })
    if (app.store.me.is_guest) return nothing
    return html`<button type="button" class="button button--small" @click=${() => app.open({ name: "status" })}>${icon("smile", "small")}${t("Set a status")}</button>
      <a class="button button--small" href=${app.urls.profile}>${icon("edit", "small")}${t("Edit profile")}</a>`
  }

  async #ask() {
    this.asks = true
    await this.updateComplete
    this.querySelector("input")?.focus()
  }

  /** Where both are; a conversation of two is no room. */
  #rooms() {
    const rooms = this.card?.rooms.filter(room => room.kind !== "direct") ?? []
    if (!rooms.length || this.who.uid === this.app.store.me.uid) return nothing
    return html`<section><h3 class="details__title">${t("Rooms that you share")}</h3>
      <ul class="profile__rooms">${rooms.map(room => html`<li><a class="chip" href=${roomPath(room)} @click=${() => this.tell("left")}>
        ${icon(room.kind === "group" ? "people" : room.kind === "private" ? "lock" : "hash", "small")}<span class="truncate" dir="auto">${roomName(room)}</span></a></li>`)}</ul></section>`
  }
}

customElements.define("loop-person", PersonElement)
