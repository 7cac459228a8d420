/** @file What happened in the room, in one line: somebody came, the name changed. */

import { t } from "../i18n.js"

/** @typedef {import("../model/grouping.js").NoteRow} NoteRow */
/** @typedef {import("../types.js").MembershipItem} MembershipItem */
/** @typedef {import("../types.js").RoomItem} RoomItem */

/** @param {NoteRow["item"]} item @param {number} me */
export const noteText = (item, me) => item.type === "membership" ? membership(item, me) : change(item)

const ROLES = () => ({ owner: t("owner"), moderator: t("moderator"), member: t("member") })

/** @param {MembershipItem} item @param {number} me */
function membership({ uid, username, kind, role, by }, me) {
  const mine = uid === me
  const name = username
  if (kind === "join" && by) return mine ? t("You were added") : t("{name} was added", { name })
  if (kind === "join") return mine ? t("You joined") : t("{name} joined", { name })
  if (kind === "leave") return mine ? t("You left") : t("{name} left", { name })
  if (kind === "kick") return t("{name} was removed", { name })
  if (kind === "ban") return t("{name} was banned", { name })
  const title = ROLES()[/** @type {"owner"} */ (role)] ?? role ?? ""
  return mine ? t("You are now {role}", { role: title }) : t("{name} is now {role}", { name, role: title })
}

/** @param {RoomItem} item */
function change({ name, topic, archived }) {
  if (name !== undefined) return t("The room is now called “{name}”", { name })
  if (archived !== undefined) return archived ? t("The room was archived") : t("The room is open again")
  return topic ? t("The topic is now “{topic}”", { topic }) : t("The topic was removed")
}
