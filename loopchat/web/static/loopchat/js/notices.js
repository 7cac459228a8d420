/** @file Desktop notices of new messages, while nobody looks at any tab. */

import { roomName } from "./elements/summary.js"
import { t } from "./i18n.js"
import { deservesNotice } from "./model/attention.js"
import { names, previewOf } from "./model/flat.js"
import { Claims } from "./net/claims.js"
import { isQuiet } from "./store/people.js"

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Call} Call */
/** @typedef {"message" | "mention" | "reply"} Kind */
/** @typedef {{room: number, seq: number, who: string, text: string, kind: Kind}} Notice */
/** @typedef {"insecure" | "unknown" | "blocked" | "ask" | "on" | "off"} State */

const WISH = "loopchat-notices"
const TEXT_MAX = 160
/** Nobody asks twice in this time. */
const A_MINUTE_MS = 60_000

export class Notices {
  /** Those about which the tabs are still agreeing. @type {Map<string, Notice>} */
  #asked = new Map()
  /** What came while the connection was not settled: the newest of each room. @type {Map<number, Notice>} */
  #missed = new Map()
  /** What is on the desktop, by room. @type {Map<number, Notification>} */
  #shown = new Map()
  #claims

  /** @param {App} app */
  constructor(app) {
    this.app = app
    this.#claims = new Claims(`${WISH}-${app.store.me.uid}-${app.epoch}`, () => document.hasFocus())
  }

  start() {
    const { store, socket } = this.app
    store.addEventListener("message", event => this.#arrived(/** @type {CustomEvent} */ (event).detail))
    store.addEventListener("called", event => this.#called(/** @type {CustomEvent} */ (event).detail))
    store.watch(() => this.#tidy())
    socket.addEventListener("state", () => this.#catchUp())
  }

  /** Whether there are notices here, and if not, why. @returns {State} */
  get state() {
    if (!isSecureContext) return "insecure"
    if (!("Notification" in globalThis)) return "unknown"
    if (Notification.permission === "denied") return "blocked"
    if (Notification.permission === "default") return "ask"
    return wish() === "off" ? "off" : "on"
  }

  /** Whether the question was put off. */
  get isPutOff() {
    return wish() === "later"
  }

  /** Asks the browser; only ever after a click. */
  async turnOn() {
    if (this.state === "ask") await Notification.requestPermission()
    this.#wish("on")
  }

  turnOff() {
    this.#wish("off")
  }

  putOff() {
    this.#wish("later")
  }

  /** @param {string} value */
  #wish(value) {
    try {
      localStorage.setItem(WISH, value)
    } catch {
      // A browser that keeps nothing asks again.
    }
    this.app.store.changed()
  }

  /** @param {Message} message */
  #arrived(message) {
    const { me } = this.app.store
    if (message.uid === me.uid || this.app.store.circle.isBlocked(message.uid)) return
    const kind = message.all || names(message.rich ?? [], me.uid) ? "mention" : "message"
    this.#want({ room: message.room, seq: message.seq, who: this.app.store.circle.name(message), text: previewOf(message) ?? "", kind })
  }

  /** @param {Call} call */
  #called(call) {
    const { room, seq, sender, sender_uid, preview, kind } = call
    const who = this.app.store.circle.name({ uid: sender_uid ?? 0, username: sender })
    if (kind === "friend_request" || kind === "friend_accepted") this.#contact(who, sender_uid ?? 0, preview, kind)
    if (kind === "invitation") this.#invited(who, call)
    if (kind === "mention" || kind === "reply") this.#want({ room, seq, who, text: preview, kind })
  }

  /** Somebody put me into a room. It may come before the room itself does. @param {string} who @param {Call} call */
  async #invited(who, { room, room_name: name, seq }) {
    const { app } = this
    const title = name ? t("{who} added you to {name}", { who, name }) : t("{who} added you to a group", { who })
    const run = () => app.openComing(room)
    app.toast(title, { label: t("Show"), run })
    if (this.state !== "on" || isQuiet(app.store.me) || document.hasFocus()) return
    if (!(await this.#claims.wins(room, seq)) || document.hasFocus()) return
    raise(title, { body: "", tag: `${WISH}-${room}`, icon: app.urls.logo }, run)
  }

  /** Somebody asks to be a friend, or has said yes. @param {string} name @param {number} uid @param {string} note @param {string} kind */
  async #contact(name, uid, note, kind) {
    const { app } = this
    const title = kind === "friend_request" ? t("{name} wants to be your friend", { name }) : t("{name} is your friend now", { name })
    app.toast(title, { label: t("Show"), run: () => app.openPeople() })
    if (this.state !== "on" || isQuiet(app.store.me) || document.hasFocus()) return
    if (!(await this.#claims.wins(-uid, Math.floor(Date.now() / A_MINUTE_MS)))) return
    raise(title, { body: note ?? "", tag: `${WISH}-${kind}`, icon: app.urls.logo }, () => app.openPeople())
  }

  /** @param {Notice} notice */
  #want(notice) {
    const room = this.app.store.room(notice.room)
    if (this.state !== "on" || document.hasFocus() || !room || isQuiet(this.app.store.me)) return
    if (!deservesNotice(room.summary, notice.kind !== "message")) return
    if (this.app.session.isOnline) this.#agree(notice)
    else this.#missed.set(notice.room, notice)
  }

  #catchUp() {
    if (!this.app.session.isOnline) return
    for (const notice of this.#missed.values()) this.#agree(notice)
    this.#missed.clear()
  }

  /** Shows it if this is the tab that shall. The same message told twice is one. @param {Notice} notice */
  async #agree(notice) {
    const key = `${notice.room} ${notice.seq}`
    const asked = this.#asked.get(key)
    if (asked) {
      asked.kind = notice.kind
      return
    }
    this.#asked.set(key, notice)
    const wins = await this.#claims.wins(notice.room, notice.seq)
    this.#asked.delete(key)
    const read = this.app.store.room(notice.room)?.summary.read ?? Number.POSITIVE_INFINITY
    if (wins && read < notice.seq && !document.hasFocus()) this.#show(notice)
  }

  /** One at a time for each room: the newest takes the place of the one before. @param {Notice} notice */
  #show(notice) {
    const { app } = this
    const options = { body: notice.text.slice(0, TEXT_MAX), tag: `${WISH}-${notice.room}`, renotify: true, icon: app.urls.logo }
    const shown = raise(this.#title(notice), options, () => app.openRoom(notice.room))
    if (shown) this.#shown.set(notice.room, shown)
  }

  /** @param {Notice} notice */
  #title({ room: id, who, kind }) {
    const room = this.app.store.room(id)
    if (!room || room.summary.peer) return who
    const name = roomName(room.summary)
    if (kind === "mention") return t("{who} mentioned you in {name}", { who, name })
    return kind === "reply" ? t("{who} answered you in {name}", { who, name }) : t("{who} in {name}", { who, name })
  }

  /** What was read, here or elsewhere, leaves the desktop. */
  #tidy() {
    for (const [id, notice] of this.#shown) {
      if (this.app.store.room(id)?.summary.unread) continue
      notice.close()
      this.#shown.delete(id)
    }
  }
}

/** @param {string} title @param {NotificationOptions} options @param {() => void} clicked */
function raise(title, options, clicked) {
  try {
    const shown = new Notification(title, options)
    shown.onclick = () => {
      focus()
      shown.close()
      clicked()
    }
    return shown
  } catch {
    return null // Some phones know notices, but not those of a page.
  }
}

function wish() {
  try {
    return localStorage.getItem(WISH)
  } catch {
    return null
  }
}
