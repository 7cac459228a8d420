/** @file The client on a page beside the chat, settings for instance: connected, with the list of conversations. */

import { App } from "./app.js"
import "./elements/conversations.js"
import { roomPath } from "./model/names.js"

/** What the chat shows in the same window is another page from here. */
export class Beside extends App {
  start() {
    this.page = document.title.replace(/ – Loopchat$/, "")
    for (const part of ["rows", "waiting"]) this.#place(part)
    document.querySelector(`form[action="${this.urls.sign_out}"]`)?.addEventListener("submit", event => this.signOut(/** @type {SubmitEvent} */ (event)))
    this.connect()
  }

  /** Puts a live part where the server drew the same. @param {string} name */
  #place(name) {
    const part = /** @type {import("./elements/base.js").Element} */ (document.createElement(`loop-${name}`))
    part.app = this
    document.getElementById(`conversations-${name}`)?.replaceWith(part)
  }

  /** @param {number} id */
  openRoom(id) {
    const room = this.store.room(id)
    if (room) location.assign(roomPath(room.summary))
  }

  openPeople() {
    location.assign(this.urls.people)
  }
}
