/** @file What happened in the room, in one line: somebody came, the name changed. */

import { t, tn } from "../i18n.js"
import { list } from "../model/dates.js"

/** @typedef {import("../model/grouping.js").NoteRow} NoteRow */
/** @typedef {import("../types.js").MembershipItem} MembershipItem */
/** @typedef {import("../types.js").RoomItem} RoomItem */

const NAMED = 4

/** @typedef {(one: {uid: number, username: string}) => string} NameOf */

/** @param {NoteRow["items"]} items @param {number} me @param {NameOf} nameOf @param {boolean} [isDirect] whether it is a conversation of two */
export function noteText(items, me, nameOf, isDirect = false) {
  const [first] = items
  if (first.type === "room") return isDirect ? t("This account was deleted") : change(first)
  if (first.type === "pinned") return pinned(first, first.uid === me ? t("You") : nameOf(first))
  const people = /** @type {MembershipItem[]} */ (items)
  const others = people.filter(({ uid }) => uid !== me)
  if (!others.length) return aboutMe(first)
  return others.length < people.length ? aboutUs(first, names([t("You"), ...others.map(nameOf)])) : about(people, first, nameOf)
}

const ROLES = () => ({ owner: t("owner"), moderator: t("moderator"), member: t("member") })

/** @param {MembershipItem} item */
const roleOf = ({ role }) => ROLES()[/** @type {"owner"} */ (role)] ?? role ?? ""

/** @param {MembershipItem} item */
function aboutMe(item) {
  if (item.kind === "join") return item.by ? t("You were added") : t("You joined")
  if (item.kind === "leave") return t("You left")
  return item.kind === "role" ? t("You are now {role}", { role: roleOf(item) }) : t("You were removed")
}

/** Me and others: many languages have a verb of its own for that. @param {MembershipItem} first @param {string} you "You and Carla" */
function aboutUs(first, you) {
  const { kind, by } = first
  if (kind === "join") return by ? t("{you} were added", { you }) : t("{you} joined", { you })
  if (kind === "leave") return t("{you} left", { you })
  if (kind === "kick") return t("{you} were removed", { you })
  if (kind === "ban") return t("{you} were banned", { you })
  return t("{you} are now {role}", { you, role: roleOf(first) })
}

/** @param {MembershipItem[]} people @param {MembershipItem} first @param {NameOf} nameOf */
function about(people, first, nameOf) {
  const name = names(people.map(nameOf))
  const { kind, by } = first
  if (kind === "join" && by) return people.length === 1 ? t("{name} was added", { name }) : t("{name} were added", { name })
  if (kind === "join") return t("{name} joined", { name })
  if (kind === "leave") return t("{name} left", { name })
  if (kind === "kick") return t("{name} was removed", { name })
  if (kind === "ban") return t("{name} was banned", { name })
  return t("{name} is now {role}", { name, role: roleOf(first) })
}

/** @param {string[]} people */
function names(people) {
  const more = people.length - NAMED
  return list(more > 1 ? [...people.slice(0, NAMED), tn(more, "{n} other", "{n} others")] : people)
}

/** @param {import("../types.js").PinItem} item @param {string} name */
const pinned = ({ on }, name) => on ? t("{name} pinned a message", { name }) : t("{name} unpinned a message", { name })

/** @param {RoomItem} item */
function change({ name, topic, archived }) {
  if (name !== undefined) return t("The room is now called “{name}”", { name })
  if (archived !== undefined) return archived ? t("The room was archived") : t("The room is open again")
  return topic ? t("The topic is now “{topic}”", { topic }) : t("The topic was removed")
}
