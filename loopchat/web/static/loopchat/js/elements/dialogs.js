/** @file One table: the dialogs of the client by their names; js/parts.js brings their code. */

import { html } from "../../vendor/lit.js"

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../store/room.js").Room} Room */
/**
 * @typedef {{
 *   name: string, item?: Message, items?: Message[], room?: Room, kind?: string, who?: import("../types.js").Face,
 *   question?: import("./confirm.js").Question, answer?: (sure: boolean) => void, pick?: (emoji: string) => unknown
 * }} Opened
 */

/** @type {Record<string, (app: App, opened: Opened) => unknown>} */
const DIALOGS = {
  banned: (app, { room }) => html`<loop-banned .app=${app} .room=${room}></loop-banned>`,
  card: (app, { who }) => html`<loop-card .app=${app} .who=${who}></loop-card>`,
  confirm: (app, { question, answer }) => html`<loop-confirm .app=${app} .question=${question} .answer=${answer}></loop-confirm>`,
  date: (app, { room }) => html`<loop-date .app=${app} .room=${room}></loop-date>`,
  emoji: (app, { pick }) => html`<loop-emoji-picker .app=${app} .pick=${pick}></loop-emoji-picker>`,
  forward: (app, { items }) => html`<loop-forward .app=${app} .items=${items}></loop-forward>`,
  hooks: (app, { room }) => html`<loop-hooks .app=${app} .room=${room}></loop-hooks>`,
  invite: (app, { room }) => html`<loop-invite .app=${app} .room=${room}></loop-invite>`,
  new: (app, { kind }) => html`<loop-new-conversation .app=${app} .kind=${kind}></loop-new-conversation>`,
  notices: app => html`<loop-notices .app=${app}></loop-notices>`,
  pinned: (app, { room }) => html`<loop-kept .app=${app} .room=${room}></loop-kept>`,
  readers: (app, { item }) => html`<loop-readers .app=${app} .item=${item}></loop-readers>`,
  rename: (app, { room }) => html`<loop-rename .app=${app} .room=${room}></loop-rename>`,
  revisions: (app, { item }) => html`<loop-revisions .app=${app} .item=${item}></loop-revisions>`,
  saved: app => html`<loop-kept .app=${app}></loop-kept>`,
  settle: (app, { room }) => html`<loop-settle .app=${app} .room=${room}></loop-settle>`,
  shortcuts: app => html`<loop-shortcuts .app=${app}></loop-shortcuts>`,
  status: app => html`<loop-status .app=${app}></loop-status>`,
  switcher: app => html`<loop-switcher .app=${app}></loop-switcher>`,
}

/** @param {App} app @param {Opened} opened */
export const dialog = (app, opened) => DIALOGS[opened.name]?.(app, opened)
