/** @file Starts the client from the state that the page shipped: the chat, or what goes with a page beside it. */

import { App } from "./app.js"
import { useCatalogue } from "./i18n.js"
import "./elements/shell.js"

/** @param {string} id @returns {any} */
const shipped = id => JSON.parse(document.getElementById(id)?.textContent || "{}")

useCatalogue(shipped("loopchat-words"))
const place = document.getElementById("shell")
if (place) open(place)
else import("./beside.js").then(({ Beside }) => new Beside(shipped("loopchat-state")).start())

/** @param {HTMLElement} place */
function open(place) {
  const app = new App(shipped("loopchat-state"))
  const shell = /** @type {import("./elements/base.js").Element} */ (document.createElement("loop-shell"))
  shell.app = app
  place.replaceWith(shell)
  app.start()
}
