/** @file Starts the client from the state that the page shipped. */

import { App } from "./app.js"
import { useCatalogue } from "./i18n.js"
import "./elements/shell.js"

/** @param {string} id @returns {any} */
const shipped = id => JSON.parse(document.getElementById(id)?.textContent || "{}")

useCatalogue(shipped("loopchat-words"))
const app = new App(shipped("loopchat-state"))
const shell = /** @type {import("./elements/base.js").Element} */ (document.createElement("loop-shell"))
shell.app = app
document.getElementById("shell")?.replaceWith(shell)
app.start()
