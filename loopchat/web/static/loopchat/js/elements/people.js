/** @file The people page: friends, requests, everybody, and whom I block. */

import { html, nothing, repeat } from "../../vendor/lit.js"
import { number, t } from "../i18n.js"
import { personName } from "../model/names.js"
import { get } from "../net/http.js"
import { kindMark, personAvatar } from "./avatar.js"
import { Element } from "./base.js"
import { contactButtons, requestNote } from "./contact.js"
import { icon } from "./icons.js"
import { presenceLine, statusText } from "./summary.js"

/** @typedef {import("../types.js").Face} Face */
/** @typedef {import("../types.js").Person} Person */
/** @typedef {import("../types.js").Contact} Contact */
/** @typedef {"friends" | "requests" | "everybody" | "blocked"} Tab */

const PAUSE_MS = 180

class People extends Element {
  static properties = { tab: { state: true }, wanted: { state: true }, found: { state: true }, failed: { state: true }, next: { state: true }, asks: { state: true } }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  constructor() {
    super()
    /** @type {Tab | null} */
    this.tab = null
    this.wanted = ""
    /** @type {Person[] | null} */
    this.found = null
    /** Whether the last look for people had no answer. */
    this.failed = false
    /** Where the next page of everybody begins. @type {string | undefined} */
    this.next = undefined
    /** To whom a note for a request is being written. @type {number | null} */
    this.asks = null
  }

  render() {
    const { circle } = this.app.store
    const all = [...circle.contacts.values()]
    const friends = all.filter(one => one.friend)
    const asked = all.filter(one => one.request === "out")
    this.tab ??= circle.asking.length ? "requests" : friends.length ? "friends" : "everybody"
    return html`<div class="lobby__page people">
      <header class="people__head">
        <a class="icon-button bar__back" href=${this.app.urls.lobby} aria-label=${t("Back to the list")}>${icon("back")}</a>
        <h1 class="lobby__title people__title">${t("People")}</h1>
        ${this.app.store.me.may_invite ? html`<a class="button button--small" href=${this.app.urls.invitations}>${icon("plus", "small")}${t("Invite people")}</a>` : nothing}
      </header>
      <div class="segments people__tabs" role="tablist" aria-label=${t("People")} @keydown=${this.#pressed}>
        ${this.#tab("friends", t("Friends"), friends.length)}${this.#tab("requests", t("Requests"), circle.asking.length, true)}
        ${this.#tab("everybody", t("Everybody"))}${this.#tab("blocked", t("Blocked"))}
      </div>
      <section class="panel people__panel" id="people-panel" role="tabpanel" aria-labelledby=${`people-${this.tab}`}>
        ${this.tab === "friends" ? this.#friends(friends)
          : this.tab === "requests" ? this.#requests(circle.asking, asked)
          : this.tab === "blocked" ? this.#list(all.filter(one => one.blocked), t("You have blocked nobody."))
          : this.#everybody()}
      </section>
    </div>`
  }

  /** @param {Tab} name @param {string} words @param {number} [n] @param {boolean} [calls] */
  #tab(name, words, n = 0, calls = false) {
    const isOpen = this.tab === name
    return html`<button type="button" class="segments__item" role="tab" id=${`people-${name}`} aria-controls="people-panel"
      aria-selected=${isOpen ? "true" : "false"} tabindex=${isOpen ? 0 : -1} @click=${() => (this.tab = name)}>${words}
      ${n ? html`<span class="badge" data-quiet=${!calls || nothing}>${number(n)}</span>` : nothing}</button>`
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const onwards = document.documentElement.dir === "rtl" ? -1 : 1
    const by = { ArrowRight: onwards, ArrowLeft: -onwards }[event.key]
    if (!by) return
    event.preventDefault()
    const tabs = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[role="tab"]')])
    const at = tabs.findIndex(one => one.tabIndex === 0)
    const next = tabs[(at + by + tabs.length) % tabs.length]
    next.click()
    next.focus()
  }

  /** Who is here stands first. @param {Contact[]} friends */
  #friends(friends) {
    const { present } = this.app.store.circle
    const isHere = (/** @type {Contact} */ { uid }) => Number((present.get(uid)?.state ?? "offline") !== "offline")
    return this.#list(friends.toSorted((a, b) => isHere(b) - isHere(a) || personName(a).localeCompare(personName(b))),
      t("No friends yet. Look for people under “Everybody” and ask them."))
  }

  /** @param {Contact[]} asking @param {Contact[]} asked */
  #requests(asking, asked) {
    if (!asking.length && !asked.length) return this.#list([], t("Nobody waits for an answer."))
    return html`
      ${asking.length ? html`<h2 class="panel__title">${t("They want to be your friends")}</h2>${this.#list(asking)}` : nothing}
      ${asked.length ? html`<h2 class="panel__title">${t("You wait for their answer")}</h2>${this.#list(asked)}` : nothing}`
  }

  #everybody() {
    if (this.found === null && !this.#timer) this.#search(0)
    return html`<search class="people__search">${icon("search", "small")}<input class="input" type="search" autocomplete="off" maxlength="64" placeholder=${t("Name of a person")}
        aria-label=${t("Search people")} .value=${this.wanted} @input=${this.#typed}></search>
      ${this.found && !(this.failed && !this.found.length) ? this.#list(this.found, t("Nobody found.")) : nothing}
      ${this.failed ? html`<p class="picker__nobody" role="alert">${t("The server cannot be reached.")}
        <button type="button" class="button button--small" @click=${() => this.#search(0)}>${t("Try again")}</button></p>` : nothing}
      ${this.next ? html`<button type="button" class="button button--quiet" @click=${() => this.#read(this.next)}>${t("More people")}</button>` : nothing}`
  }

  /** @param {(Face & Partial<Contact> & Partial<Person>)[]} people @param {string} [none] */
  #list(people, none = "") {
    if (!people.length) return html`<p class="picker__nobody">${none}</p>`
    return html`<ul>${repeat(people, one => one.uid, one => this.#row(one))}</ul>`
  }

  /** @param {Face & Partial<Contact> & Partial<Person>} one */
  #row(one) {
    const { circle } = this.app.store
    const person = { ...one, ...circle.face(one.uid) }
    const contact = circle.contacts.get(one.uid)
    const present = contact?.blocked ? undefined : (circle.present.get(one.uid) ?? (one.state ? /** @type {Person} */ (one) : undefined))
    const note = contact?.request ? contact.note : ""
    return html`<li class="people__row">
      <button type="button" class="people__who" aria-label=${t("Profile of {name}", { name: personName(person) })} @click=${() => this.app.openCard(person)}>
        ${personAvatar(person, { state: present?.state })}
        <span class="member__names"><span class="member__name truncate" dir="auto">${personName(person)}${kindMark(person)}</span>
          <span class="member__role truncate" dir="auto">${[`@${person.username}`, statusText(person) || presenceLine(present)].filter(Boolean).join(" · ")}</span></span>
      </button>
      ${note ? html`<blockquote class="profile__note" dir="auto">${note}</blockquote>` : nothing}
      <span class="people__tools">${contactButtons(this.app, person, { ask: () => this.#ask(person.uid) })}</span>
      ${this.asks === person.uid && !contact?.request && !contact?.friend ? requestNote(this.app, person, () => (this.asks = null)) : nothing}
    </li>`
  }

  /** @param {number} uid */
  async #ask(uid) {
    this.asks = uid
    await this.updateComplete
    const field = /** @type {HTMLElement | null} */ (this.querySelector(".profile__ask input"))
    field?.focus()
  }

  /** @param {InputEvent} event */
  #typed(event) {
    this.wanted = /** @type {HTMLInputElement} */ (event.target).value
    this.#search(PAUSE_MS)
  }

  /** @param {number} pause */
  #search(pause) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#read(), pause)
  }

  /** @param {string} [after] the last name of the page before */
  async #read(after = "") {
    const text = this.wanted
    const answer = await get(this.app.urls.directory, { text: text.trim(), after }).catch(() => null)
    if (text !== this.wanted) return
    this.failed = !answer
    if (!answer) return
    this.found = after ? [...(this.found ?? []), ...answer.results] : answer.results
    this.next = answer.next
  }
}

customElements.define("loop-people", People)
