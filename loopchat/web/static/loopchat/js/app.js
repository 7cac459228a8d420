/** @file The client as a whole: its parts, where it is, and what it can be asked to do. */

import { farewell } from "./exits.js"
import { t } from "./i18n.js"
import { DISABLED, SIGNED_OUT } from "./model/closing.js"
import { roomPath } from "./model/names.js"
import { part, post } from "./net/http.js"
import { Commands } from "./net/commands.js"
import { Faces } from "./net/faces.js"
import { Session } from "./net/session.js"
import { Socket } from "./net/socket.js"
import { DraftCourier } from "./net/drafts.js"
import { Deletions } from "./store/deletions.js"
import { Drafts } from "./store/drafts.js"
import { Kept } from "./store/kept.js"
import { Outbox } from "./store/outbox.js"
import { Selection } from "./store/selection.js"
import { Store } from "./store/store.js"
import { updateTitle } from "./title.js"
import { Notices } from "./notices.js"
import { Router } from "./router.js"
import { bringAll } from "./parts.js"
import { listen } from "./shortcuts.js"

/** @typedef {import("./types.js").PageState} PageState */
/** @typedef {import("./store/room.js").Room} Room */
/** @typedef {import("./net/requests.js").Refusal} Refusal */

const SOCKET_PATH = "/ws/"
/** How often what depends on the clock alone is drawn again: "5 minutes ago", the end of a mute. */
const TICK_MS = 60_000
/** How long a form that ends this sign-in may need for its answer. */
const SENDING_MS = 1500

/** Events: `moved` to another room or the lobby, `ask` for a dialog, `toast` for a word. */
export class App extends EventTarget {
  /** The room on the screen. @type {Room | null} */
  shown = null
  /** The message to begin at, once its room is on the screen. @type {{room: number, seq: number} | null} */
  landing = null
  /** The room that I am leaving by myself: its end is no surprise. */
  leaving = 0
  /** What a page beside the chat is called. */
  page = ""
  /** When a form was sent (`Date.now`). */
  #sentAt = 0

  /** @param {PageState} state */
  constructor(state) {
    super()
    this.urls = state.urls
    this.epoch = state.epoch
    this.invitation = state.invitation ?? null
    /** What stands in the place of a room. @type {"people" | null} */
    this.screen = state.screen ?? null
    this.store = new Store(state.me)
    this.store.ready(state.ready)
    for (const offer of state.offers ?? []) this.store.offers.set(offer.room, offer)
    for (const face of state.faces ?? []) this.store.circle.look(face)
    if (state.room && !this.store.room(state.room.room)) this.store.addRoom(state.room)
    if (state.room && state.history) this.store.merge(state.room.room, state.history)
    if (state.room && state.cursors) this.store.room(state.room.room)?.place(state.cursors)
    this.socket = new Socket(socketUrl())
    this.outbox = new Outbox(state.me, (type, fields) => this.socket.ask(type, fields))
    this.drafts = new Drafts(state.me.uid)
    this.courier = new DraftCourier(this.drafts, this.store, this.socket)
    this.deletions = new Deletions(state.me.uid, (type, fields) => this.socket.ask(type, fields), id => part(`${state.urls.messages}${id}/`), state.epoch)
    this.kept = new Kept(this.store, (type, fields) => this.socket.ask(type, fields))
    this.selection = new Selection(() => this.store.changed())
    this.commands = new Commands((type, fields) => this.socket.ask(type, fields))
    this.faces = new Faces(this.store, state.urls.faces)
    this.session = new Session(this.store, this.socket, this.outbox, state)
    this.router = new Router(this)
    this.notices = new Notices(this)
    this.shown = state.room ? (this.store.room(state.room.room) ?? null) : null
    this.shown?.drawLine()
    if (this.shown && state.at) this.landing = { room: this.shown.id, seq: state.at }
  }

  /** Connects, and keeps title and screen in step with what is known. */
  start() {
    this.router.start()
    listen(this)
    this.session.addEventListener("ready", () => whenIdle(bringAll))
    this.session.show(this.shown?.id ?? null)
    this.connect()
  }

  /** What every page does that somebody who is signed in looks at. */
  connect() {
    this.store.watch(() => updateTitle(this))
    this.store.addEventListener("removed", event => this.#removed(/** @type {CustomEvent} */ (event).detail))
    this.store.addEventListener("befriended", event => this.lookFor(/** @type {CustomEvent} */ (event).detail))
    for (const part of [this.outbox, this.deletions]) part.addEventListener("changed", () => this.store.changed())
    this.deletions.addEventListener("refused", event => this.toast(/** @type {CustomEvent} */ (event).detail))
    addEventListener("pagehide", () => this.#leave())
    this.session.addEventListener("ready", () => this.#caughtUp())
    this.session.addEventListener("restored", event => this.deletions.begin(/** @type {CustomEvent} */ (event).detail))
    this.socket.addEventListener("ended", event => this.#ended(/** @type {CustomEvent} */ (event).detail))
    document.addEventListener("submit", () => (this.#sentAt = Date.now()))
    this.notices.start()
    setInterval(() => this.store.changed(), TICK_MS)
    this.session.start()
    this.outbox.load()
    updateTitle(this)
  }

  /** Shows a room that is in the list. @param {number} id @param {{push?: boolean}} [options] */
  openRoom(id, { push = true } = {}) {
    const room = this.store.room(id)
    if (!room) return
    if (push) this.router.push(roomPath(room.summary))
    if (room !== this.shown) this.#show(room)
  }

  /** Shows a room that one may hear of before it is in the list. @param {number} id */
  async openComing(id) {
    while (!this.store.room(id)) await new Promise(resolve => this.store.addEventListener("added", resolve, { once: true }))
    this.openRoom(id)
  }

  /** Shows a message with what is around it. @param {number} id of the room @param {number} seq @param {{push?: boolean}} [options] */
  openMessage(id, seq, options) {
    this.landing = { room: id, seq }
    this.openRoom(id, options)
    this.store.changed()
  }

  #caughtUp() {
    this.kept.forget()
    this.courier.caughtUp()
    this.deletions.resume()
  }

  #leave() {
    this.session.cursors.leave()
    this.deletions.leave()
  }

  /** @param {{push?: boolean}} [options] */
  openLobby({ push = true } = {}) {
    if (push) this.router.push(this.urls.lobby)
    this.#show(null)
  }

  /** @param {Room | null} room @param {"people" | null} screen */
  #show(room, screen = null) {
    this.session.typing.stop()
    this.selection.end()
    this.invitation = null
    this.screen = screen
    if (this.session.isOnline) this.shown?.log.rest()
    this.shown = room
    if (room) room.kept = false
    room?.drawLine()
    if (room?.summary.peer) this.lookFor(room.summary.peer)
    this.session.show(room?.id ?? null)
    this.store.changed()
    this.dispatchEvent(new CustomEvent("moved"))
  }

  /** The conversation with a person, begun when there is none. @param {string} username */
  async openDirect(username) {
    const known = [...this.store.rooms.values()].find(room => room.summary.peer?.username === username)
    if (known) return this.openRoom(known.id)
    const answer = await this.ask("open_direct", { username })
    if (!answer) return
    this.store.addRoom(answer.room)
    this.openRoom(answer.room.room)
  }

  /** @param {number} room */
  async join(room) {
    const joined = new Promise(resolve => this.store.addEventListener("added", resolve, { once: true }))
    if (!(await this.ask("join", { room }))) return
    if (!this.store.room(room)) await joined
    this.openRoom(room)
  }

  /** A form of the room's pages. @param {number} room @param {string} action @param {Record<string, string>} [fields] */
  manage(room, action, fields = {}) {
    return this.#told(post(`${this.urls.rooms}${room}/${action}/`, fields))
  }

  /** A command whose refusal is shown as a word. @param {string} type @param {object} fields */
  ask(type, fields) {
    return this.#told(this.socket.ask(type, fields))
  }

  /** @param {Promise<any>} work @returns {Promise<any>} null when it was refused */
  #told(work) {
    return work.catch((/** @type {Refusal} */ refused) => {
      this.toast(refused.message)
      return null
    })
  }

  /** @param {import("./elements/confirm.js").Question} question @returns {Promise<boolean>} */
  confirm(question) {
    return new Promise(answer => this.open({ name: "confirm", question, answer }))
  }

  /** Whether somebody is here, if nothing has told yet. @param {import("./types.js").Face} who */
  async lookFor({ uid, username }) {
    if (this.store.people.has(uid)) return
    const answer = await this.socket.ask("find_people", { text: username }).catch(() => null)
    const found = answer?.people.find((/** @type {{uid: number}} */ one) => one.uid === uid)
    if (!found || this.store.people.has(uid)) return
    this.store.circle.meet(found)
    this.store.changed()
  }

  /** All that one may know of a person. @param {import("./types.js").Face} who */
  openCard({ uid, username }) {
    this.open({ name: "card", who: { uid, username } })
  }

  /** The people page. @param {{push?: boolean}} [options] */
  openPeople({ push = true } = {}) {
    if (push) this.router.push(this.urls.people)
    this.#show(null, "people")
  }

  /** Opens a dialog. @param {import("./elements/dialogs.js").Opened} dialog */
  open(dialog) {
    this.dispatchEvent(new CustomEvent("ask", { detail: dialog }))
  }

  /** @param {string} text @param {import("./elements/toast.js").Offer} [offer] what may be done about it */
  toast(text, offer) {
    this.dispatchEvent(new CustomEvent("toast", { detail: { text, offer } }))
  }

  /** Signs out by the form of a page: nothing of this person stays on the device. @param {SubmitEvent} event */
  async signOut(event) {
    event.preventDefault()
    const form = /** @type {HTMLFormElement} */ (event.target)
    this.drafts.clear()
    await this.deletions.clear()
    await this.outbox.clear()
    form.submit()
  }

  /** @param {{room: number, kind?: string, by?: number}} why */
  #removed({ room, ...why }) {
    if (this.shown?.id !== room) return
    const words = farewell(this, this.shown, why)
    const isTold = why.kind === "kick" || why.kind === "ban"
    if (words) this.toast(words, isTold ? { label: t("Close"), run: () => {}, stays: true } : undefined)
    if (this.store.me.is_guest) location.assign(this.urls.lobby)
    else this.openLobby()
  }

  /** The page that one signs in at says why. A form that was sent a moment ago leads to a page of its own. @param {number} code */
  #ended(code) {
    if (code !== SIGNED_OUT && code !== DISABLED) return
    const wait = Date.now() - this.#sentAt < SENDING_MS ? SENDING_MS : 0
    setTimeout(() => location.assign(`${this.urls.sign_in}?next=${encodeURIComponent(location.pathname)}`), wait)
  }
}

/** @param {() => unknown} work */
const whenIdle = work => (globalThis.requestIdleCallback ?? setTimeout)(() => work())

/** The socket's address follows the page: `wss` where the page is https. */
function socketUrl() {
  const url = new URL(SOCKET_PATH, location.href)
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:"
  return url.href
}
