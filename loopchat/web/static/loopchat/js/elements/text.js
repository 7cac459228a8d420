/** @file The text of a message as elements: links are links, everything else is text. */

import { html } from "../../vendor/lit.js"
import { pieces } from "../model/links.js"

/** @param {string} text */
export const messageText = text => pieces(text).map(piece => piece.href
  ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`
  : piece.text)
