/** @file Goes to a certain message, which may have to be fetched first. */

import { t } from "../i18n.js"

/** @typedef {import("./timeline.js").Timeline} Timeline */

/** Brings a message into view and marks it. @param {Timeline} timeline @param {number} seq */
export async function jump(timeline, seq) {
  const row = await rowOf(timeline, seq)
  if (!row) return timeline.app.toast(t("This message is not available."))
  timeline.view.show(row)
  timeline.flash = null
  await timeline.updateComplete
  timeline.flash = seq
}

/** Brings the first unread message into view. @param {Timeline} timeline @param {number} seq */
export async function toFirst(timeline, seq) {
  const { room, app } = timeline
  if (room.log.from > seq) {
    await app.session.history.around(room.id, seq).catch(() => {})
    await timeline.updateComplete
  }
  const line = timeline.querySelector(".line")
  if (line) timeline.view.show(line)
}

/** Whether somebody wants to begin at a certain message of this room: then it goes there. @param {Timeline} timeline */
export function land(timeline) {
  const { app, room } = timeline
  const { landing } = app
  if (landing?.room !== room.id || (room.log.isEmpty && !app.session.isOnline)) return false
  app.landing = null
  jump(timeline, landing.seq)
  return true
}

/** @param {Timeline} timeline @param {number} seq */
async function rowOf(timeline, seq) {
  const find = () => timeline.querySelector(`#m-${Number(seq)}`)
  if (find()) return find()
  await timeline.app.session.history.around(timeline.room.id, seq).catch(() => {})
  await timeline.updateComplete
  return find()
}
