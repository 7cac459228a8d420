/** @file No conversation open: what waits, who is here, which rooms one may join. */

import { html, nothing, repeat } from "../../vendor/lit.js"
import { t, tn } from "../i18n.js"
import { isLoud, isUnread } from "../model/attention.js"
import { shortTime } from "../model/dates.js"
import { personName, roomPath } from "../model/names.js"
import { byTime } from "../store/listing.js"
import { personAvatar, roomAvatar } from "./avatar.js"
import { badges, muteMark } from "./badges.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { previewLine, roomName } from "./summary.js"

/** @typedef {import("../types.js").RoomSummary} RoomSummary */
/** @typedef {import("../types.js").Invitation} Joinable */

class Lobby extends Element {
  static properties = { joining: { state: true } }

  constructor() {
    super()
    /** @type {number | null} */
    this.joining = null
  }

  render() {
    const { store } = this.app
    const unread = [...store.rooms.values()].filter(room => isUnread(room.summary)).sort(byTime)
    const isFriend = (/** @type {{uid: number}} */ { uid }) => Number(Boolean(store.circle.contacts.get(uid)?.friend))
    const online = [...store.people.values()].filter(person => person.state !== "offline" && person.uid !== store.me.uid)
      .sort((a, b) => isFriend(b) - isFriend(a))
    const rooms = [...store.offers.values()].filter(room => !store.rooms.has(room.room))
    return html`<div class="lobby__page">
      <header class="lobby__head">
        <img src=${this.app.urls.logo} alt="" width="56" height="56">
        <h1 class="lobby__title">${t("Hello, {name}", { name: personName(store.me) })}</h1>
        <p class="lobby__lead">${this.#lead(unread.length, rooms.length)}</p>
        ${store.me.is_guest ? nothing : html`<p class="lobby__buttons">
          <button type="button" class="button button--primary" @click=${() => this.tell("new-conversation", "direct")}>${icon("write", "small")}${t("New message")}</button>
          <button type="button" class="button" @click=${() => this.tell("new-conversation", "room")}>${icon("plus", "small")}${t("New room")}</button>
        </p>`}
      </header>
      ${this.app.notices.state === "ask" && !this.app.notices.isPutOff ? this.#offer() : nothing}
      ${unread.length ? this.#unread(unread) : nothing}
      ${online.length ? this.#online(online) : nothing}
      ${rooms.length ? this.#rooms(rooms) : nothing}
      ${store.rooms.size === 0 && rooms.length === 0 && !store.me.is_guest ? this.#first() : nothing}
    </div>`
  }

  /** @param {number} unread @param {number} offers */
  #lead(unread, offers) {
    if (unread) return tn(unread, "{n} conversation is waiting for you.", "{n} conversations are waiting for you.")
    if (this.app.store.rooms.size) return t("You have read everything.")
    return offers ? t("Join a room, or write to somebody.") : t("Nobody has said anything yet. You could be the first.")
  }

  /** Notices are asked for by a button, never by themselves. */
  #offer() {
    const { notices } = this.app
    return html`<section class="panel offer" aria-label=${t("Desktop notifications")}>
      ${icon("bell")}<p class="offer__text">${t("Hear of new messages while you look at something else.")}</p>
      <button type="button" class="button button--small" @click=${() => notices.turnOn()}>${t("Turn on notifications")}</button>
      <button type="button" class="icon-button" title=${t("Not now")} aria-label=${t("Not now")} @click=${() => notices.putOff()}>${icon("close", "small")}</button>
    </section>`
  }

  /** @param {import("../store/room.js").Room[]} rooms */
  #unread(rooms) {
    return html`<section class="panel lobby__unread">
      <h2 class="panel__title">${t("Unread")}</h2>
      <ul class="panel__list">${repeat(rooms, room => room.id, room => html`<li><a class="row" data-unread=${isLoud(room.summary) || nothing} href=${roomPath(room.summary)}>
        ${roomAvatar(room.summary)}
        <span class="row__name truncate" dir="auto">${roomName(room.summary)}</span>
        ${room.summary.last ? html`<time class="row__time">${shortTime(room.summary.last.ts, t)}</time>` : nothing}
        <span class="row__line truncate" dir="auto">${previewLine(this.app, room)}</span>
        <span class="row__marks">${muteMark(room.summary)}${badges(room.summary)}</span>
      </a></li>`)}</ul>
    </section>`
  }

  /** @param {import("../types.js").Person[]} people */
  #online(people) {
    return html`<section class="panel">
      <h2 class="panel__title">${t("Here now")}</h2>
      <ul class="panel__people">${repeat(people, person => person.uid, person => html`<li>
        <button type="button" class="person" @click=${() => this.app.openDirect(person.username)}>
          ${personAvatar(person, { state: person.state })}
          <span class="truncate">${personName(person)}</span>
        </button></li>`)}</ul>
    </section>`
  }

  /** @param {Joinable[]} rooms */
  #rooms(rooms) {
    return html`<section class="panel">
      <h2 class="panel__title">${t("Rooms to join")}</h2>
      <ul class="panel__list">${repeat(rooms, room => room.room, room => html`<li class="row row--still">
        ${roomAvatar(/** @type {any} */ ({ ...room, kind: "public" }))}
        <span class="row__name truncate" dir="auto">${room.name}</span>
        <span class="row__line truncate" dir="auto">${tn(room.members, "{n} member", "{n} members")}${room.topic ? ` · ${room.topic}` : ""}</span>
        <button type="button" class="button button--small row__button" ?disabled=${this.joining === room.room}
          aria-label=${t("Join {name}", { name: room.name })} @click=${() => this.#join(room)}>${t("Join")}</button>
      </li>`)}</ul>
    </section>`
  }

  /** What there is to do where nothing is yet: who may not invite is not told to. */
  #first() {
    const { app } = this
    const { me } = app.store
    /** @param {import("./icons.js").IconName} picture @param {string} words @param {() => unknown} work */
    const step = (picture, words, work) => html`<li><button type="button" class="menu__item" @click=${work}>${icon(picture, "small")}${words}</button></li>`
    return html`<section class="panel panel--first">
      <h2 class="panel__title">${t("First steps")}</h2>
      <ol>
        ${step("plus", t("Create a room for something that you talk about"), () => this.tell("new-conversation", "room"))}
        ${me.may_invite ? html`<li><a class="menu__item" href=${app.urls.invitations}>${icon("link", "small")}${t("Invite people with a link")}</a></li>` : nothing}
        ${step("write", t("Say hello to somebody"), () => this.tell("new-conversation", "direct"))}
        ${step("star", t("Keep notes for yourself"), () => app.openDirect(me.username))}
      </ol>
    </section>`
  }

  /** @param {Joinable} room */
  async #join(room) {
    this.joining = room.room
    await this.app.join(room.room)
    this.joining = null
  }
}

customElements.define("loop-lobby", Lobby)
