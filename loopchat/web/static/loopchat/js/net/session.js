/** @file A signed-in session on the socket: `hello`, what comes back, and the way into the store. */

import { Seen } from "../store/seen.js"
import { Cursors } from "./cursors.js"
import { History } from "./history.js"
import { Members } from "./members.js"
import { Typing } from "./typing.js"

/** @typedef {import("../store/store.js").Store} Store */
/** @typedef {import("../store/outbox.js").Outbox} Outbox */
/** @typedef {import("./socket.js").Socket} Socket */
/** @typedef {import("../types.js").Frame} Frame */

const AWAY_MS = 5 * 60_000
/** How long the lobby waits with asking who the new ones are. */
const MEET_MS = 1000

/** Event `ready` when all that was missed is here; `restored` with the new epoch when the server has another history. */
export class Session extends EventTarget {
  /** @type {string} cursors are void in another epoch */
  #epoch
  /** Undefined on pages beside the chat. @type {number | null | undefined} */
  #shown
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #awayTimer
  #isAway = false

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #meeting

  /** @param {Store} store @param {Socket} socket @param {Outbox} outbox @param {import("../types.js").PageState} state */
  constructor(store, socket, outbox, { epoch, urls }) {
    super()
    this.store = store
    this.socket = socket
    this.outbox = outbox
    this.#epoch = epoch
    this.history = new History(store, (type, fields) => socket.ask(type, fields))
    this.cursors = new Cursors(store, socket, new Seen(store.me.uid, epoch))
    this.members = new Members(urls.rooms)
    this.typing = new Typing((type, fields) => socket.ask(type, fields))
  }

  start() {
    this.socket.addEventListener("frame", event => this.#take(/** @type {CustomEvent} */ (event).detail))
    this.socket.addEventListener("state", () => this.#stateChanged())
    this.store.addEventListener("message", event => this.#arrived(/** @type {CustomEvent} */ (event).detail))
    this.store.addEventListener("held", event => this.outbox.seen(/** @type {CustomEvent} */ (event).detail))
    this.store.addEventListener("added", event => this.#added(/** @type {CustomEvent} */ (event).detail))
    this.store.addEventListener("stranger", () => this.#meet())
    this.store.addEventListener("company", event => this.#accompany(/** @type {CustomEvent} */ (event).detail))
    this.store.addEventListener("stale", event => this.#refetch(/** @type {CustomEvent} */ (event).detail))
    this.outbox.addEventListener("stored", event => this.#stored(/** @type {CustomEvent} */ (event).detail))
    document.addEventListener("visibilitychange", () => this.#noteAway())
    this.socket.start()
  }

  /** This room is on the screen, or none. @param {number | null} room */
  show(room) {
    this.#shown = room
    this.#tellShown()
    if (room === null) return
    this.fill(room)
    this.#accompany(room)
  }

  /** Who came to the room on the screen may be a bot, for which no message waits. @param {number} id */
  async #accompany(id) {
    const room = this.store.room(id)
    if (id !== this.#shown || !room?.changedCompany || !room.summary.receipts || room.summary.peer) return
    room.changedCompany = false
    const members = await this.members.of(room).catch(() => null)
    if (members) room.accompany(members)
    else room.changedCompany = true
    this.store.changed()
  }

  /** Connected again: whoever reads further up stays there. */
  #back() {
    this.#tellShown()
    const room = this.store.room(this.#shown ?? 0)
    if (!room) return
    if (room.log.isEmpty) this.fill(room.id)
  }

  get isOnline() {
    return this.socket.state === "online"
  }

  /** Fetches what the screen needs of a room and is not held. @param {number} room */
  fill(room) {
    if (!this.isOnline) return
    this.history.latest(room).catch(() => {})
  }

  /** A page may show a room a moment before its socket is in it; what was said there before is here with it. @param {{room: number, unread: number}} summary */
  #added({ room, unread }) {
    if (unread > 0) this.cursors.delivered(room)
    if (room === this.#shown) this.#tellShown()
  }

  /** What is shown comes live from now on; the answer says how it is now: who has read how far, what the lobby offers. */
  async #tellShown() {
    const room = this.#shown
    if (!this.isOnline || room === undefined) return
    const answer = await this.socket.ask("open", { room }).catch(() => null)
    if (!answer) return
    if (room === null) return this.store.meet(answer)
    this.store.room(room)?.place(answer.cursors ?? [])
    this.store.changed()
  }

  /** Somebody is here who is not known yet. */
  #meet() {
    if (this.#shown !== null) return
    this.#meeting ??= setTimeout(() => {
      this.#meeting = undefined
      if (this.#shown === null) this.#tellShown()
    }, MEET_MS)
  }

  /** @param {Frame} frame */
  #take(frame) {
    if (frame.type === "welcome") this.#hello(frame.epoch)
    else if (frame.type === "ready") this.#ready(/** @type {any} */ (frame))
    else if (frame.type === "resync") this.#rebase(frame)
    else if (frame.type === "goaway") this.socket.restart(frame.after_ms)
    else if (!this.store.apply(frame)) this.socket.restart()
  }

  /** @param {Frame} frame */
  #rebase({ room, head }) {
    this.store.rebase(room, head)
    if (room === this.#shown) this.#tellShown()
  }

  /** @param {string} epoch of the server */
  #hello(epoch) {
    const known = this.#epoch
    this.#epoch = epoch
    this.socket.send({ type: "hello", ref: 0, epoch: known, cursors: this.store.cursors() })
    if (known === epoch) return
    this.members.forget()
    this.cursors.forget()
    this.dispatchEvent(new CustomEvent("restored", { detail: epoch }))
  }

  /** @param {import("../types.js").Ready} ready */
  #ready(ready) {
    this.store.ready(ready)
    if (ready.more) return
    this.socket.settled()
    this.outbox.goes(true)
    this.cursors.caughtUp()
    this.#back()
    this.dispatchEvent(new CustomEvent("ready"))
    if (this.#isAway) this.#tellPresence()
  }

  #stateChanged() {
    if (!this.isOnline) this.outbox.goes(false)
    this.store.changed()
  }

  /** @param {import("../types.js").Message} message */
  #arrived(message) {
    if (message.uid === this.store.me.uid) this.outbox.seen(message)
    else this.cursors.delivered(message.room)
    if (message.room !== this.#shown) this.store.room(message.room)?.log.rest()
  }

  /** An acknowledged message whose event will not come any more is in the log already. @param {{room: number, cid: string, seq: number}} stored */
  #stored({ room, cid, seq }) {
    const known = this.store.room(room)
    if (known && seq <= known.cursor) this.outbox.discard(cid)
  }

  /** A message was edited and its new text has to be fetched. @param {{room: number, id: number}} edited */
  async #refetch({ room, id }) {
    const message = this.store.room(room)?.log.message(id)
    if (!message) return
    const page = await this.socket.ask("history", { room, before: message.seq + 1, limit: 1 }).catch(() => null)
    if (page) this.store.merge(room, page)
  }

  #noteAway() {
    clearTimeout(this.#awayTimer)
    if (document.hidden) this.#awayTimer = setTimeout(() => this.#setAway(true), AWAY_MS)
    else if (this.#isAway) this.#setAway(false)
  }

  /** @param {boolean} away */
  #setAway(away) {
    this.#isAway = away
    this.#tellPresence()
  }

  #tellPresence() {
    this.socket.ask("presence", { state: this.#isAway ? "away" : "online" }).catch(() => {})
  }
}
