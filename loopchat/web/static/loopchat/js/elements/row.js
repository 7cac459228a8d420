/** @file A conversation as a row of a list: picture, name, time, the last words, what is unread. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { isLoud } from "../model/attention.js"
import { shortTime } from "../model/dates.js"
import { roomPath } from "../model/names.js"
import { roomAvatar } from "./avatar.js"
import { badges, muteMark } from "./badges.js"
import { icon } from "./icons.js"
import { previewLine, roomName, typingLine } from "./summary.js"

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../store/room.js").Room} Room */

/** @param {App} app @param {Room} room @param {{shown?: boolean, small?: boolean}} [how] `shown`: it is on the screen */
export function roomRow(app, room, { shown = false, small = false } = {}) {
  const { summary } = room
  const draft = shown ? "" : app.drafts.of(room.id)
  const names = room.typists()
  return html`<a class=${small ? "row row--small" : "row"} href=${roomPath(summary)} aria-current=${shown ? "page" : nothing}
    data-unread=${isLoud(summary) || nothing}>
    ${roomAvatar(summary, { state: app.store.people.get(summary.peer?.uid ?? 0)?.state, size: small ? "s" : undefined })}
    <span class="row__name truncate" dir="auto">${roomName(summary)}</span>
    ${summary.last ? html`<time class="row__time">${shortTime(summary.last.ts, t)}</time>` : nothing}
    <span class="row__line truncate" dir="auto" data-typing=${names.length > 0}>
      ${draft ? html`<span class="row__draft">${t("Draft:")}</span> ${draft}` : lineOf(app, room, names)}
    </span>
    <span class="row__marks">${waitingMark(app, room)}${muteMark(summary)}${badges(summary)}</span>
  </a>`
}

/** Who types, else what was said last. @param {App} app @param {Room} room @param {string[]} names */
function lineOf(app, room, names) {
  if (!names.length) return previewLine(app, room)
  return room.summary.peer ? t("typing…") : typingLine(names)
}

/** What is not sent yet, or could not be. @param {App} app @param {Room} room */
function waitingMark({ outbox }, { id }) {
  const waiting = outbox.of(id)
  if (waiting.some(entry => entry.state === "failed")) return html`<span class="row__failed" title=${t("A message was not sent")}>${icon("warning", "small")}</span>`
  return waiting.some(entry => entry.state !== "stored") ? html`<span class="row__mute" title=${t("Waiting to be sent")}>${icon("clock", "small")}</span>` : nothing
}
