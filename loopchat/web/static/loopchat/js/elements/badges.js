/** @file What a row of a list says about unread messages: how many, whether somebody calls, mute. */

import { html, nothing } from "../../vendor/lit.js"
import { number, t } from "../i18n.js"
import { counted, isSilent, isUnread } from "../model/attention.js"
import { icon } from "./icons.js"

/** @typedef {import("../types.js").RoomSummary} RoomSummary */

const MANY = 99

/** The crossed bell beside the name. @param {RoomSummary} room */
export const muteMark = room => isSilent(room) && !room.request
  ? html`<span class="row__mute" title=${t("Muted")}>${icon("mute", "small")}<span class="sr-only">${t("Muted")}</span></span>`
  : nothing

/** Green when it counts, grey when the room is muted; an @ when somebody calls. @param {RoomSummary} room */
export function badges(room) {
  if (!isUnread(room)) return nothing
  const { unread, mentions } = room
  return html`
    ${mentions ? html`<span class="badge badge--call" data-quiet=${isSilent(room) || nothing}>@<span class="sr-only"> ${t("you were mentioned")}</span></span>` : nothing}
    ${unread
      ? html`<span class="badge" data-quiet=${!counted(room) || nothing}>${unread > MANY ? `${number(MANY)}+` : number(unread)}<span class="sr-only"> ${t("unread")}</span></span>`
      : html`<span class="badge badge--dot"><span class="sr-only">${t("marked as unread")}</span></span>`}`
}
