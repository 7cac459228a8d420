/** @file Slash commands: those of the chat itself, and those that bots answer. */

import { leave } from "./exits.js"
import { t } from "./i18n.js"
import { muteEnd } from "./model/attention.js"
import { uuid } from "./model/ids.js"
import { called, meant, written } from "./model/slash.js"
import { post } from "./net/http.js"

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./store/room.js").Room} Room */
/** @typedef {import("./model/slash.js").Offer} Offer */
/** @typedef {{name: string, hint: string, help: string, fits?: (room: Room) => boolean, run: (app: App, room: Room, rest: string) => unknown}} Own */

/** @param {Room} room */
const isShared = ({ summary }) => summary.kind !== "direct"
/** @param {Room} room */
const manages = ({ summary }) => summary.kind === "group" || summary.role === "owner" || summary.role === "moderator"

/** @type {() => Own[]} */
const OWN = () => [
  { name: "help", hint: "", help: t("Shows what can be written here"), run: help },
  { name: "invite", hint: "", help: t("Adds people"), fits: room => isShared(room) && manages(room), run: (app, room) => app.open({ name: "invite", room }) },
  { name: "leave", hint: "", help: t("Leaves this conversation"), fits: isShared, run: (app, room) => leave(app, room) },
  { name: "mute", hint: "", help: t("No notifications of this conversation"), run: (app, room) => mute(app, room, muteEnd("ever")) },
  { name: "unmute", hint: "", help: t("Notifications of this conversation again"), run: (app, room) => mute(app, room) },
  { name: "status", hint: t("<what you do>"), help: t("Sets your status"), run: (app, _room, rest) => status(app, rest) },
  { name: "topic", hint: t("<topic>"), help: t("Sets the topic"), fits: room => isShared(room) && manages(room), run: (app, room, rest) => app.manage(room.id, "topic", { topic: rest }) },
]

/** The chat's own commands that make sense in a room. @param {Room} room */
export const own = room => OWN().filter(one => one.fits?.(room) ?? true)

/**
 * Carries out what a text gives; whether the text has done its work. A text that is no command is not for this.
 * @param {App} app @param {Room} room @param {string} text
 */
export async function carryOut(app, room, text) {
  const call = called(text)
  if (!call) return false
  const mine = call.bot ? undefined : own(room).find(one => one.name === call.name)
  if (mine) {
    mine.run(app, room, call.rest)
    return true
  }
  const offers = await app.commands.of(room.id).catch(() => null)
  if (!offers) return refuse(app, t("Not connected."))
  const [first, second] = meant(offers, call)
  if (!first) return refuse(app, t("There is no command /{name} here. To send it as a text, write //{name}.", { name: call.name }))
  if (second) return refuse(app, t("Several bots have this command: write {command}.", { command: written(offers, first) }))
  return give(app, room, first, text.trim())
}

/** @param {App} app @param {string} words */
function refuse(app, words) {
  app.toast(words)
  return false
}

/** @param {App} app @param {Room} room @param {Offer} offer @param {string} text */
async function give(app, room, { uid, username, name }, text) {
  const cid = uuid()
  room.whisper({ cid, uid, username, command: name, given: text, ts: Date.now() })
  app.store.changed()
  if (await app.ask("command", { room: room.id, cid, text })) return true
  room.unwhisper(cid)
  app.store.changed()
  return false
}

/** @param {App} app @param {Room} room */
async function help(app, room) {
  const offers = await app.commands.of(room.id).catch(() => [])
  const { uid, username } = app.store.me
  const lines = [...own(room), ...offers.map(one => ({ ...one, name: written(offers, one).slice(1) }))]
  const message = lines.map(one => `/${one.name}${one.hint ? ` ${one.hint}` : ""}${one.help ? ` – ${one.help}` : ""}`).join("\n")
  room.whisper({ cid: uuid(), uid, username, command: "help", ts: Date.now(), message })
  app.store.changed()
}

/** @param {App} app @param {Room} room @param {number} [until] */
const mute = (app, room, until) => app.ask("notify", { room: room.id, level: room.summary.level ?? "all", muted_until: until })

/** @param {App} app @param {string} words nothing: the dialog */
async function status(app, words) {
  if (!words) return app.open({ name: "status" })
  try {
    app.store.circle.look(await post(app.urls.change_profile, { status_emoji: "", status_text: words, status_until_ts: "0" }))
    app.store.changed()
  } catch (refused) {
    app.toast(/** @type {Error} */ (refused).message)
  }
}
