/** @file Goes anywhere with a few letters: to a conversation, or to a person. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { isLoud, isUnread } from "../model/attention.js"
import { atName, personName } from "../model/names.js"
import { byTime } from "../store/listing.js"
import { personAvatar, roomAvatar } from "./avatar.js"
import { badges } from "./badges.js"
import { Dialog } from "./dialog.js"
import { roomName } from "./summary.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../types.js").Person} Person */
/** @typedef {{key: string, room?: Room, person?: Person}} Place */

const PAUSE_MS = 120
const ROOMS_MAX = 12

class Switcher extends Dialog {
  static properties = { wanted: { state: true }, people: { state: true }, at: { state: true } }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  constructor() {
    super()
    this.wanted = ""
    /** @type {Person[]} */
    this.people = []
    /** Which of the places is chosen. */
    this.at = 0
  }

  connectedCallback() {
    super.connectedCallback()
    this.#search()
  }

  updated() {
    this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" })
  }

  render() {
    const places = this.#places()
    const chosen = places[this.at]
    return this.frame(t("Go to"), html`<div class="switcher">
      <input class="input" role="combobox" aria-expanded="true" aria-controls="switcher-list" aria-autocomplete="list" autocomplete="off" autofocus
        aria-activedescendant=${chosen ? `place-${chosen.key}` : nothing} aria-label=${t("Conversation or person")}
        placeholder=${t("Conversation or person")} .value=${this.wanted} @input=${this.#typed} @keydown=${this.#pressed}>
      <ul class="switcher__list" id="switcher-list" role="listbox" aria-label=${t("Places")}>
        ${places.map((place, n) => this.#option(place, n))}
      </ul>
      ${places.some(({ room, person }) => person ?? room?.summary.peer) ? html`<p class="field__hint switcher__hint"><kbd>Ctrl</kbd> + <kbd>Enter</kbd> ${t("shows the profile")}</p>` : nothing}
      ${places.length ? nothing : html`<p class="picker__nobody">${t("Nothing found.")}</p>`}
    </div>`)
  }

  /** @param {Place} place @param {number} n */
  #option(place, n) {
    const { room, person } = place
    return html`<li class="row row--small" id=${`place-${place.key}`} role="option" aria-selected=${n === this.at ? "true" : "false"}
      data-unread=${(room && isLoud(room.summary)) || nothing} @click=${() => this.#go(place)}>
      <span @click=${(/** @type {Event} */ event) => this.#card(place, event)}>${room ? roomAvatar(room.summary, { size: "s", state: this.app.store.people.get(room.summary.peer?.uid ?? 0)?.state })
        : person ? personAvatar(person, { size: "s", state: person.state }) : nothing}</span>
      <span class="row__name truncate" dir="auto">${room ? roomName(room.summary) : person ? personName(person) : nothing}</span>
      <span class="row__line truncate" dir="auto">${room?.summary.peer ? atName(room.summary.peer) : (room?.summary.topic || (person ? atName(person) : nothing))}</span>
      ${room ? html`<span class="row__marks">${badges(room.summary)}</span>` : nothing}
    </li>`
  }

  /** What waits first, then rooms, then people without a conversation. @returns {Place[]} */
  #places() {
    const { store, shown } = this.app
    const wanted = this.wanted.trim().toLocaleLowerCase()
    const text = (/** @type {Room} */ { summary }) => `${roomName(summary)} ${summary.peer?.username ?? ""}`.toLocaleLowerCase()
    const rooms = [...store.rooms.values()]
      .filter(room => (wanted ? text(room).includes(wanted) : room !== shown))
      .sort((a, b) => Number(isUnread(b.summary)) - Number(isUnread(a.summary)) || byTime(a, b))
      .slice(0, ROOMS_MAX)
    const known = new Set(rooms.map(room => room.summary.peer?.uid))
    const people = this.people.filter(person => person.uid !== store.me.uid && !known.has(person.uid))
    return [...rooms.map(room => ({ key: `r${room.id}`, room })), ...people.map(person => ({ key: `p${person.uid}`, person }))]
  }

  /** @param {InputEvent} event */
  #typed(event) {
    this.wanted = /** @type {HTMLInputElement} */ (event.target).value
    this.at = 0
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#search(), PAUSE_MS)
  }

  /** While there is no connection the conversations are still found. */
  async #search() {
    const text = this.wanted
    const answer = await this.app.socket.ask("find_people", { text: text.trim() }).catch(() => null)
    if (answer && text === this.wanted) this.people = answer.people
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return this.#card(this.#places()[this.at], event)
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    const { length } = this.#places()
    if (!by || !length) return
    event.preventDefault()
    this.at = (this.at + by + length) % length
  }

  async send() {
    const place = this.#places()[this.at]
    if (place) this.#go(place)
  }

  /** Who it is, instead of going there. @param {Place | undefined} place @param {Event} event */
  #card(place, event) {
    const who = place?.person ?? place?.room?.summary.peer
    if (!who) return
    event.preventDefault()
    event.stopPropagation()
    this.app.openCard(who)
  }

  /** @param {Place} place */
  #go({ room, person }) {
    this.close()
    if (room) this.app.openRoom(room.id)
    else if (person) this.app.openDirect(person.username)
  }
}

customElements.define("loop-switcher", Switcher)
