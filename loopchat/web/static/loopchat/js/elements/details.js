/** @file The panel beside a conversation: what the room is, who is in it, what may be done. */

import { html, live, nothing, repeat } from "../../vendor/lit.js"
import { ban, deleteRoom, leave, makeOwner } from "../exits.js"
import { t, tn } from "../i18n.js"
import { atName, personName } from "../model/names.js"
import { kindMark, personAvatar, roomAvatar } from "./avatar.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import "./notify.js"
import "./person.js"
import { roomName, statusText } from "./summary.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../types.js").Member} Member */

/** People in one part of the list. */
const PAGE = 100
/** A shorter list is read through. */
const SEARCHED_FROM = 20
const PAUSE_MS = 150

const KINDS = () => ({
  public: t("Public room: everybody may join"),
  private: t("Private room: by invitation"),
  group: t("Group"),
  direct: t("Direct conversation"),
})
const ROLES = () => ({ owner: t("Owner"), moderator: t("Moderator"), member: "" })

class Details extends Element {
  static properties = { room: { attribute: false }, members: { state: true }, next: { state: true }, wanted: { state: true } }

  /** For which room and number of members the list was read. */
  #readAt = ""
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    /** @type {Member[]} */
    this.members = []
    /** Where the rest of the list begins. @type {string | undefined} */
    this.next = undefined
    /** A part of the names that are looked for. */
    this.wanted = ""
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("room") && /** @type {Room | null} */ (changed.get("room"))?.id !== this.room.id) this.#begin()
    if (this.#readAt !== this.#stamp()) this.#read()
  }

  #begin() {
    this.members = []
    this.next = undefined
    this.wanted = ""
    this.#readAt = ""
  }

  /** The list is read again when the room or its number of members changed. */
  #stamp(members = this.room.summary.members) {
    return `${this.room.id} ${members}`
  }

  /** From the beginning. Who has gone on in a long list stays where they are: its length is no reason to begin anew. */
  async #read() {
    const isFar = this.#readAt.startsWith(`${this.room.id} `) && this.members.length > PAGE
    this.#readAt = this.#stamp()
    if (!isFar) await this.#page()
  }

  /** @param {string} [after] */
  async #page(after) {
    const { room: { id }, wanted } = this
    const part = { ...(wanted ? { q: wanted } : {}), ...(after ? { after } : {}) }
    const found = await this.app.session.members.page(id, part).catch(() => null)
    if (!found || id !== this.room.id || wanted !== this.wanted) return
    const known = new Set(after ? this.members.map(one => one.uid) : [])
    this.members = [...(after ? this.members : []), ...found.results.filter(one => !known.has(one.uid))]
    this.next = found.next
    this.#readAt = this.#stamp(found.count)
    this.app.store.countMembers(id, found.count)
  }

  /** @param {InputEvent} event */
  #search({ target }) {
    this.wanted = /** @type {HTMLInputElement} */ (target).value.trim()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#page(), PAUSE_MS)
  }

  render() {
    const { room, app } = this
    const { summary } = room
    return html`<header class="bar details__bar">
        <h2 class="details__heading">${summary.peer ? t("About") : t("Room details")}</h2>
        <button type="button" class="icon-button" aria-label=${t("Close details")} @click=${() => this.tell("details")}>${icon("close")}</button>
      </header>
      <div class="details__page" tabindex="0" role="region" aria-label=${t("Details")}>
        ${summary.peer ? html`<loop-person .app=${app} .who=${summary.peer}></loop-person>` : html`<div class="details__head">
          ${roomAvatar(summary, { size: "xl" })}
          <p class="details__name" dir="auto">${roomName(summary)}</p>
          <p class="muted">${KINDS()[summary.kind]}</p>
          ${summary.history === "joined" ? html`<p class="muted">${t("New members read from their joining on")}</p>` : nothing}
          ${summary.topic ? html`<p class="details__topic" dir="auto">${summary.topic}</p>` : nothing}
        </div>`}
        <loop-notify .app=${app} .room=${room}></loop-notify>
        ${summary.peer ? nothing : html`${this.#tools()}${this.#list()}${this.#exits()}`}
      </div>`
  }

  get #manages() {
    const { role, kind } = this.room.summary
    return kind === "group" || role === "owner" || role === "moderator"
  }

  #tools() {
    const { archived } = this.room.summary
    if (!this.#manages) return nothing
    const hooks = this.room.summary.kind !== "direct" && !this.app.store.me.is_guest
    return html`<div class="details__tools">
      ${archived ? nothing : html`
        <button type="button" class="button button--small" @click=${() => this.tell("dialog", { name: "invite", room: this.room })}>${icon("plus", "small")}${t("Add people")}</button>
        <button type="button" class="button button--small" @click=${() => this.tell("dialog", { name: "rename", room: this.room })}>${icon("edit", "small")}${t("Name and topic")}</button>`}
      ${hooks ? html`<button type="button" class="button button--small" @click=${() => this.tell("dialog", { name: "hooks", room: this.room })}>${icon("link", "small")}${t("Webhooks")}</button>` : nothing}
      ${this.room.summary.kind === "group" ? (this.room.summary.role === "owner" && !archived ? html`
        <button type="button" class="button button--small" @click=${() => this.tell("dialog", { name: "settle", room: this.room })}>${icon("hash", "small")}${t("Turn into a room")}</button>` : nothing) : this.room.summary.role === "member" ? nothing : html`
        <button type="button" class="button button--small" @click=${() => this.tell("dialog", { name: "banned", room: this.room })}>${icon("person", "small")}${t("Banned people")}</button>`}
    </div>`
  }

  #list() {
    const { store } = this.app
    return html`<section>
      <h3 class="details__title">${tn(this.room.summary.members, "{n} member", "{n} members")}</h3>
      ${this.room.summary.members > SEARCHED_FROM ? html`<input class="input" type="search" autocomplete="off" aria-label=${t("Search members")}
        placeholder=${t("Search members")} .value=${live(this.wanted)} @input=${this.#search}>` : nothing}
      <ul>${repeat(this.members, member => member.uid, member => html`<li class="member">
        <button type="button" class="member__who" aria-label=${t("Profile of {name}", { name: personName(member) })} @click=${() => this.app.openCard(member)}>
        ${personAvatar({ ...member, ...store.circle.face(member.uid) }, { size: "s", state: member.uid === store.me.uid ? "online" : (store.people.get(member.uid)?.state ?? member.state) })}
        <span class="member__names"><span class="member__name truncate" dir="auto">${personName(member)}${member.uid === store.me.uid ? ` ${t("(you)")}` : nothing}${kindMark(member)}</span>
          <span class="member__role">${ROLES()[/** @type {"owner"} */ (member.role)] || statusText(store.circle.face(member.uid) ?? member) || html`<bdi>${atName(member)}</bdi>`}</span></span></button>
        ${member.uid === store.me.uid ? nothing : this.#memberMenu(member)}
      </li>`)}</ul>
      ${this.wanted && !this.members.length ? html`<p class="muted">${t("Nothing found.")}</p>` : nothing}
      ${this.next ? html`<button type="button" class="button button--small" @click=${() => this.#page(this.next)}>${t("Show more")}</button>` : nothing}
    </section>`
  }

  /** @param {Member} member */
  #memberMenu(member) {
    const { role, kind } = this.room.summary
    const rank = { member: 0, moderator: 1, owner: 2 }
    const outranks = rank[/** @type {"member"} */ (role)] > rank[/** @type {"member"} */ (member.role)]
    const id = `member-${member.uid}`
    /** @param {string} label @param {string} action @param {Record<string, string>} [fields] */
    const item = (label, action, fields = {}) => html`<button type="button" class="menu__item" popovertarget=${id}
      popovertargetaction="hide" @click=${() => this.#manage(action, { username: member.username, ...fields })}>${label}</button>`
    return html`<button type="button" class="icon-button" popovertarget=${id}
        aria-label=${t("Actions for {name}", { name: personName(member) })}>${icon("menu", "small")}</button>
      <div class="menu" id=${id} popover>
        ${member.guest || this.app.store.me.is_guest ? nothing : html`<button type="button" class="menu__item" popovertarget=${id} popovertargetaction="hide"
          @click=${() => this.app.openDirect(member.username)}>${t("Send a message")}</button>`}
        <button type="button" class="menu__item" popovertarget=${id} popovertargetaction="hide"
          @click=${() => this.app.openCard(member)}>${t("Profile of {name}", { name: personName(member) })}</button>
        ${role === "owner" && kind !== "group" && member.role !== "moderator" && outranks ? item(t("Make moderator"), "role", { role: "moderator" }) : nothing}
        ${role === "owner" && kind !== "group" && member.role === "moderator" ? item(t("Make member"), "role", { role: "member" }) : nothing}
        ${role === "owner" && outranks && !member.guest && !member.bot ? html`<button type="button" class="menu__item" popovertarget=${id} popovertargetaction="hide"
          @click=${() => this.#makeOwner(member)}>${t("Make owner")}</button>` : nothing}
        ${outranks ? html`${item(t("Remove from room"), "kick")}
          <button type="button" class="menu__item" popovertarget=${id} popovertargetaction="hide" @click=${() => this.#ban(member)}>${t("Ban from room")}</button>` : nothing}
      </div>`
  }

  #exits() {
    const { role, archived, kind } = this.room.summary
    const owns = role === "owner" && kind !== "group"
    /** @param {import("./icons.js").IconName} picture @param {string} label @param {() => void} work */
    const button = (picture, label, work) => html`<button type="button" class="button button--danger details__exit" @click=${work}>${icon(picture, "small")}${label}</button>`
    return html`<div class="details__exits">
      ${button("leave", t("Leave"), () => leave(this.app, this.room))}
      ${owns ? button("archive", archived ? t("Reopen") : t("Archive"), () => this.#manage("archive", { on: archived ? "" : "1" })) : nothing}
      ${owns ? button("trash", t("Delete room"), () => deleteRoom(this.app, this.room)) : nothing}
    </div>`
  }

  /** @param {Member} member */
  async #makeOwner(member) {
    if (await makeOwner(this.app, this.room, member)) this.#readAt = ""
    this.requestUpdate()
  }

  /** @param {Member} member */
  async #ban(member) {
    if (await ban(this.app, this.room, member)) this.#readAt = ""
    this.requestUpdate()
  }

  /** @param {string} action @param {Record<string, string>} fields */
  async #manage(action, fields) {
    if (await this.app.manage(this.room.id, action, fields)) this.#readAt = ""
    this.requestUpdate()
  }
}

customElements.define("loop-details", Details)
