/** @file What can be done with a message by this person: one table for the bar, the menu and the keys. */

import { t } from "../i18n.js"
import { mayDelete, mayPin } from "../model/rights.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").RoomSummary} RoomSummary */
/** @typedef {{pinned: boolean, saved: boolean}} Marks */
/** @typedef {{action: string, picture: import("./icons.js").IconName, label: string, detail?: unknown, danger?: boolean}} Choice */

/** @param {Message} item @param {RoomSummary} room @param {boolean} own @param {Marks} [marks] @returns {Choice[]} */
export function choices(item, room, own, { pinned, saved } = { pinned: false, saved: false }) {
  /** @type {[boolean, Choice][]} */
  const all = [
    [!room.archived, { action: "reply", picture: "reply", label: t("Reply") }],
    [true, { action: "forward", picture: "forward", label: t("Forward") }],
    [true, { action: "copy", picture: "copy", label: t("Copy text") }],
    [true, { action: "link", picture: "link", label: t("Copy link") }],
    [mayPin(room), { action: "pin", picture: "pin", label: pinned ? t("Unpin") : t("Pin"), detail: !pinned }],
    [true, { action: "save", picture: "star", label: saved ? t("Remove from saved") : t("Save"), detail: !saved }],
    [true, { action: "select", picture: "select", label: t("Select") }],
    [true, { action: "unread", picture: "mark", label: t("Mark as unread from here") }],
    [own, { action: "info", picture: "info", label: t("Message info") }],
    [!own, { action: "card", picture: "person", label: t("Profile of {name}", { name: item.username }) }],
    [Boolean(item.edited_ts), { action: "revisions", picture: "clock", label: t("Earlier versions") }],
    [own && !room.archived, { action: "edit", picture: "edit", label: t("Edit") }],
    [mayDelete(room, own), { action: "delete", picture: "trash", label: t("Delete"), danger: true }],
  ]
  return all.filter(([may]) => may).map(([, choice]) => choice)
}

/** @param {Message} item @param {RoomSummary} room @param {boolean} own @param {string} action */
export const mayDo = (item, room, own, action) =>
  action === "pick" ? !room.archived : choices(item, room, own).some(choice => choice.action === action)
