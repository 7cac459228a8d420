/** @file Real addresses without loading pages: links to rooms that are known, and the back button. */

import { roomPath } from "./model/names.js"

/** @typedef {import("./app.js").App} App */

export class Router {
  /** @param {App} app */
  constructor(app) {
    this.app = app
    this.room = 0
    this.path = ""
  }

  start() {
    document.addEventListener("click", event => this.#clicked(event))
    addEventListener("popstate", () => this.#go(location.pathname, placeIn(location.search)) || location.reload())
    this.app.store.watch(() => this.#follow())
  }

  /** The address of what is shown may change: a group became a room, somebody has another name. */
  #follow() {
    const { shown } = this.app
    const path = shown ? roomPath(shown.summary) : ""
    if (shown && shown.id === this.room && path !== this.path) history.replaceState(null, "", path)
    this.room = shown?.id ?? 0
    this.path = path
  }

  /** @param {string} path */
  push(path) {
    if (path !== location.pathname) history.pushState(null, "", path)
  }

  /** A plain click on a link that this client can follow by itself. @param {MouseEvent} event */
  #clicked(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest("a") : null
    if (!link || link.origin !== location.origin) return
    const place = placeIn(link.search)
    if ((link.target && !place) || !this.#go(link.pathname, place)) return
    event.preventDefault()
    this.push(this.app.shown ? roomPath(this.app.shown.summary) : link.pathname)
  }

  /** Shows what an address names; false when only the server knows. @param {string} path @param {number} place a seq, or 0 */
  #go(path, place) {
    if (path === this.app.urls.lobby || path === "/") {
      this.app.openLobby({ push: false })
      return true
    }
    if (path === this.app.urls.people) {
      this.app.openPeople({ push: false })
      return true
    }
    const room = [...this.app.store.rooms.values()].find(({ summary }) => roomPath(summary) === path || `/room/${summary.room}/` === path)
    if (room && place) this.app.openMessage(room.id, place, { push: false })
    else if (room) this.app.openRoom(room.id, { push: false })
    return Boolean(room)
  }
}

/** The message that an address names, by its seq; 0 when it names none. @param {string} search */
const placeIn = search => Number(new URLSearchParams(search).get("at")) || 0
