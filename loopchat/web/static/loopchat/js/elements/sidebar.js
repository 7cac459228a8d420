/** @file The list of conversations: what is unread, people, rooms. */

import { html, nothing, repeat } from "../../vendor/lit.js"
import { number, t, tn } from "../i18n.js"
import { personName } from "../model/names.js"
import { markAllRead } from "../moves.js"
import { isWorthARow, listing } from "../store/listing.js"
import { personAvatar } from "./avatar.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { roomRow } from "./row.js"
import { roomName } from "./summary.js"

/** @typedef {import("../store/room.js").Room} Room */

class Sidebar extends Element {
  static properties = { shown: { type: Number }, wanted: { state: true } }

  constructor() {
    super()
    /** @type {number | null} */
    this.shown = null
    this.wanted = ""
  }

  render() {
    const { store } = this.app
    const asking = store.circle.asking.length
    return html`
      <header class="bar sidebar__bar">
        <a class="brand" href=${this.app.urls.lobby} aria-label=${t("Loopchat, to the lobby")}>
          <img class="brand__mark" src=${this.app.urls.logo} alt="" width="32" height="32">
          <span class="brand__name">Loopchat</span>
        </a>
        <span class="grow"></span>
        ${store.me.is_guest ? nothing : html`<a class="icon-button sidebar__people" href=${this.app.urls.people} title=${t("People")}
          aria-label=${asking ? tn(asking, "People, {n} request", "People, {n} requests") : t("People")} aria-current=${this.app.screen === "people" ? "page" : nothing}>
          ${icon("people")}${asking ? html`<span class="badge" aria-hidden="true">${number(asking)}</span>` : nothing}</a>`}
        ${store.me.is_guest ? nothing : html`<button type="button" class="icon-button" title=${t("New conversation")} aria-label=${t("New conversation")}
          @click=${() => this.tell("new-conversation")}>${icon("write")}</button>`}
        <button type="button" class="icon-button sidebar__me" popovertarget="account-menu" aria-label=${t("Account and settings")}>
          ${personAvatar(store.me, { size: "s" })}
        </button>
      </header>
      <search class="sidebar__search">
        ${icon("search", "small")}
        <input class="sidebar__field" type="search" autocomplete="off" placeholder=${t("Search conversations")}
          aria-label=${t("Search conversations")} .value=${this.wanted}
          @input=${(/** @type {any} */ event) => (this.wanted = event.target.value)}>
      </search>
      <nav class="sidebar__list" aria-label=${t("Conversations")}>${this.#sections()}</nav>`
  }

  #sections() {
    const found = this.#found()
    const friends = this.wanted ? nothing : this.#friends()
    if (found.length === 0) return [friends, this.#nothing()]
    const { requests, unread, direct, rooms } = listing(found, this.shown)
    return [friends, this.#section(t("Requests"), requests, html`<span class="badge sidebar__n">${number(requests.length)}</span>`), this.#section(t("Unread"), unread, this.#allRead()), this.#section(t("Direct messages"), direct), this.#section(t("Rooms"), rooms)]
  }

  /** Friends who are here. */
  #friends() {
    const { circle } = this.app.store
    const here = [...circle.contacts.values()].flatMap(({ uid, friend }) => {
      const person = friend ? circle.present.get(uid) : undefined
      return person && person.state !== "offline" ? [person] : []
    })
    if (!here.length) return nothing
    return html`<ul class="sidebar__friends" aria-label=${t("Friends who are here")}>${repeat(here, one => one.uid, one => html`<li>
      <button type="button" class="person" @click=${() => this.app.openDirect(one.username)}>
        ${personAvatar(one, { state: one.state })}<span class="truncate" dir="auto">${personName(one)}</span></button></li>`)}</ul>`
  }

  #found() {
    const wanted = this.wanted.trim().toLocaleLowerCase()
    const matches = (/** @type {Room} */ { summary }) =>
      `${roomName(summary)} ${summary.peer?.username ?? ""}`.toLocaleLowerCase().includes(wanted)
    return [...this.app.store.rooms.values()].filter(room =>
      wanted ? matches(room) : isWorthARow(room, this.shown, Boolean(this.app.drafts.of(room.id))))
  }

  #nothing() {
    return html`<p class="sidebar__nothing">${this.wanted
      ? t("No conversation is called “{name}”.", { name: this.wanted })
      : t("No conversations yet. Join a room or write to somebody.")}</p>`
  }

  #allRead() {
    return html`<button type="button" class="sidebar__all" @click=${() => markAllRead(this.app)}>${t("Mark all as read")}</button>`
  }

  /** @param {string} title @param {Room[]} rooms @param {unknown} [tool] beside the title */
  #section(title, rooms, tool = nothing) {
    if (rooms.length === 0) return nothing
    return html`<section class="sidebar__section">
      <div class="sidebar__head"><h2 class="sidebar__title">${title}</h2>${tool}</div>
      <ul>${repeat(rooms, room => room.id, room => html`<li>${roomRow(this.app, room, { shown: room.id === this.shown })}</li>`)}</ul>
    </section>`
  }
}

customElements.define("loop-sidebar", Sidebar)
