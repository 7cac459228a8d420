/** @file Where the reader of a timeline is: follows the end, keeps still, tells what was seen. */

import { Scroller } from "../model/scroller.js"
import { land } from "./landing.js"
import { HELD_MAX } from "../store/log.js"

/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("../store/room.js").Room} Room */

const NEAR_EDGE_PX = 900
/** Items that may come in before the farthest ones are let go. */
const SLACK = 60

/** A controller of the timeline element: it acts before and after each update. */
export class Viewport {
  /** @type {Scroller | null} */
  #scroller = null
  /** The room whose first look was arranged. @type {Room | null} */
  #placed = null
  /** @type {import("../model/scroller.js").Anchor | null} */
  #anchor = null
  /** The "new messages" line that was on the screen. @type {Room["line"]} */
  #lineSeen = null
  /** Whether the first unread message is further up, and was not on the screen yet. */
  isLineAbove = false
  #resized = new ResizeObserver(() => this.#settle())
  #focused = () => this.#seen()

  /** @param {Timeline} host */
  constructor(host) {
    this.host = host
    host.addController(this)
  }

  hostConnected() {
    addEventListener("focus", this.#focused)
  }

  hostDisconnected() {
    removeEventListener("focus", this.#focused)
    this.#resized.disconnect()
  }

  hostUpdate() {
    this.#anchor = this.#scroller && !this.#scroller.following ? this.#scroller.anchor() : null
  }

  hostUpdated() {
    this.#watch()
    const { room } = this.host
    if (this.#placed !== room && !room.log.isEmpty) this.#place()
    else this.#settle()
  }

  /** Whether new messages come into view by themselves. */
  get isFollowing() {
    return this.#scroller?.following ?? true
  }

  toEnd() {
    this.#scroller?.toEnd()
  }

  /** What is on the screen stays there, also at the end. */
  hold() {
    if (this.#scroller) this.#scroller.following = false
  }

  /** @param {Element} row */
  show(row) {
    this.#scroller?.show(row)
  }

  /** The person scrolled: what is near the edge is fetched. */
  scrolled() {
    const scroller = this.#scroller
    if (!scroller) return
    const followed = scroller.following
    scroller.moved()
    if (followed !== scroller.following) this.host.requestUpdate()
    this.#lookForLine()
    this.#seen()
    this.#fetchNear()
  }

  #fetchNear() {
    const { room, app } = this.host
    const { history, isOnline } = app.session
    if (!this.#scroller || !isOnline || room.log.isEmpty) return
    if (this.#scroller.box.scrollTop < NEAR_EDGE_PX) history.older(room.id).catch(() => {})
    else if (this.#scroller.below < NEAR_EDGE_PX) history.newer(room.id).catch(() => {})
  }

  /** Each room has a scrolling box of its own. */
  #watch() {
    const box = /** @type {HTMLElement} */ (this.host.querySelector(".timeline__box"))
    if (this.#scroller?.box === box) return
    this.#scroller = new Scroller(box)
    this.#placed = null
    this.#resized.disconnect()
    this.#resized.observe(box)
    this.#resized.observe(/** @type {Element} */ (box.firstElementChild))
  }

  /** The first look at a room: the first unread message, or the end. */
  #place() {
    this.#placed = this.host.room
    const line = this.host.querySelector(".line")
    if (land(this.host)) return
    if (line) this.#scroller?.show(line)
    else this.#scroller?.toEnd()
    this.#lookForLine()
    this.#seen()
    this.#fetchNear()
  }

  #settle() {
    if (this.isFollowing) this.#scroller?.toEnd()
    else this.#scroller?.restore(this.#anchor)
    this.#anchor = null
    this.#bound()
    this.#lookForLine()
    this.#seen()
    this.#fetchNear()
  }

  /** The line was seen, or it is above: drawn there, or not even loaded. */
  #lookForLine() {
    const { line, log } = this.host.room
    const drawn = this.host.querySelector(".line")?.getBoundingClientRect()
    const top = this.#scroller?.box.getBoundingClientRect().top ?? 0
    if (drawn && drawn.bottom >= top) this.#lineSeen = line
    const isAbove = Boolean(line && line !== this.#lineSeen && (drawn ? drawn.bottom < top : !log.isEmpty && line.at < log.from))
    if (isAbove === this.isLineAbove) return
    this.isLineAbove = isAbove
    this.host.requestUpdate()
  }

  /** What is far from the reader is let go. */
  #bound() {
    const { log } = this.host.room
    if (log.size <= HELD_MAX + SLACK) return
    if (log.trim(this.isFollowing ? "start" : "end")) this.host.requestUpdate()
  }

  /** What is visible in a focused window counts as read. */
  #seen() {
    const { room, app } = this.host
    if (!document.hasFocus() || room.log.isEmpty || this.#placed !== room) return
    const atEnd = room.log.attached && (this.#scroller?.below ?? 0) < 4
    const seq = atEnd ? room.log.to : Number(this.#scroller?.lastVisible()?.id.slice(2) || 0)
    if (seq) app.session.cursors.read(room.id, seq)
  }
}
