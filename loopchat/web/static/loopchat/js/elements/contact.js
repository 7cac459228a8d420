/** @file What can be done with a person: write, be friends, block. One table for cards and lists. */

import { html, nothing } from "../../vendor/lit.js"
import { block } from "../exits.js"
import { t } from "../i18n.js"
import { personName } from "../model/names.js"
import { icon } from "./icons.js"

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Face} Face */
/** @typedef {"request" | "accept" | "reject" | "cancel" | "remove"} Step */

/** @param {App} app @param {Face} person @param {Step} action @param {string} [note] */
export async function befriend(app, { username }, action, note) {
  const answer = await app.ask("friend", { username, action, ...(note ? { note } : {}) })
  if (answer) app.store.apply({ type: "contact", ...answer.contact })
  return Boolean(answer)
}

/** A line for the few words that go along with a request. @param {App} app @param {Face} person @param {() => unknown} asked what follows when they were asked */
export function requestNote(app, person, asked) {
  const words = t("A few words, if you like")
  /** @param {Event} event */
  const send = async event => {
    const field = /** @type {HTMLElement} */ (event.target).closest(".profile__ask")?.querySelector("input")
    if (await befriend(app, person, "request", field?.value.trim())) asked()
  }
  /** @param {KeyboardEvent} event */
  const pressed = event => {
    if (event.key !== "Enter") return
    event.preventDefault()
    send(event)
  }
  return html`<div class="profile__ask">
    <input class="input" maxlength="200" autocomplete="off" aria-label=${words} placeholder=${words} @keydown=${pressed}>
    <button type="button" class="button button--primary" @click=${send}>${t("Send request")}</button>
  </div>`
}

/** @param {App} app @param {Face} person */
async function part(app, person) {
  const sure = await app.confirm({
    title: t("Remove {name} from your friends?", { name: personName(person) }),
    text: t("They are not told, but see that you are no friends any more."),
    yes: t("Remove"),
  })
  if (sure) await befriend(app, person, "remove")
}

/** @param {App} app @param {Face} person */
const unblock = (app, { username }) => app.ask("block", { username, on: false })

/**
 * The buttons for a person, as things stand. `ask` begins a request with a note.
 * @param {App} app @param {Face} person
 * @param {{ask?: () => void, blocks?: boolean, leave?: () => void}} [more]
 */
export function contactButtons(app, person, { ask, blocks = false, leave = () => {} } = {}) {
  const contact = app.store.circle.contacts.get(person.uid)
  const name = personName(person)
  /** @param {import("./icons.js").IconName} picture @param {string} words @param {string} label @param {() => unknown} work @param {string} [kind] */
  const button = (picture, words, label, work, kind = "") => html`<button type="button" class=${`button button--small ${kind}`} aria-label=${label} @click=${work}>${icon(picture, "small")}${words}</button>`
  const write = () => {
    leave()
    app.openDirect(person.username)
  }
  if (contact?.blocked) return button("block", t("Unblock"), t("Unblock {name}", { name }), () => unblock(app, person))
  const isOpen = !person.guest && !app.store.me.is_guest
  return html`
    ${contact?.request === "in" ? html`${button("check", t("Accept"), t("Accept the request of {name}", { name }), () => befriend(app, person, "accept"), "button--primary")}
      ${button("close", t("Reject"), t("Reject the request of {name}", { name }), () => befriend(app, person, "reject"))}` : nothing}
    ${isOpen && (blocks || contact?.request !== "in") ? button("write", t("Message"), t("Write to {name}", { name }), write) : nothing}
    ${contact?.request === "out" ? button("close", t("Cancel request"), t("Cancel the request to {name}", { name }), () => befriend(app, person, "cancel")) : nothing}
    ${contact?.friend ? button("close", t("Remove friend"), t("Remove {name} from your friends", { name }), () => part(app, person), "button--quiet")
      : !contact?.request && isOpen ? button("plus", t("Add friend"), t("Add {name} as a friend", { name }), ask ?? (() => befriend(app, person, "request"))) : nothing}
    ${blocks && !app.store.me.is_guest ? button("block", t("Block"), t("Block {name}", { name }), () => block(app, person), "button--danger") : nothing}`
}
