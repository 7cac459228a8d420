/** @file Real addresses without loading pages: links to rooms that are known, and the back button. */

import { roomPath } from "./model/names.js"

/** @typedef {import("./app.js").App} App */

export class Router {
  /** @param {App} app */
  constructor(app) {
    this.app = app
  }

  start() {
    document.addEventListener("click", event => this.#clicked(event))
    addEventListener("popstate", () => this.#go(location.pathname) || location.reload())
  }

  /** @param {string} path */
  push(path) {
    if (path !== location.pathname) history.pushState(null, "", path)
  }

  /** A plain click on a link that this client can follow by itself. @param {MouseEvent} event */
  #clicked(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest("a") : null
    if (!link || link.target || link.origin !== location.origin) return
    if (!this.#go(link.pathname)) return
    event.preventDefault()
    this.push(link.pathname)
  }

  /** Shows what an address names; false when only the server knows. @param {string} path */
  #go(path) {
    if (path === this.app.urls.lobby || path === "/") {
      this.app.openLobby({ push: false })
      return true
    }
    const room = [...this.app.store.rooms.values()].find(({ summary }) => roomPath(summary) === path)
    if (room) this.app.openRoom(room.id, { push: false })
    return Boolean(room)
  }
}
