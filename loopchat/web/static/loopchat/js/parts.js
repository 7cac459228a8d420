/** @file One table: the parts of the client that come with their first use, or when nothing else is to do. */

/** The files of the parts. @type {Record<string, string>} */
const FILES = {
  banned: "room_dialogs",
  card: "card",
  confirm: "confirm",
  date: "date",
  details: "details",
  emoji: "emoji_picker",
  forward: "forward",
  hooks: "hooks",
  invitation: "invitation",
  invite: "room_dialogs",
  lobby: "lobby",
  menu: "message_menu",
  new: "new_conversation",
  notices: "notices",
  people: "people",
  pinned: "kept",
  readers: "readers",
  rename: "room_dialogs",
  revisions: "revisions",
  saved: "kept",
  settle: "room_dialogs",
  shortcuts: "shortcuts",
  status: "status",
  switcher: "switcher",
}

/** @type {Set<string>} */
const here = new Set()

/** How often a file was there and could not be loaded. @type {Map<string, number>} */
const failed = new Map()

/** Whether a part can be used at once. @param {string} name */
export const isHere = name => here.has(name)

/** Brings a part; rejects while it cannot be had. @param {string} name */
export async function bring(name) {
  if (here.has(name)) return
  const url = new URL(`./elements/${FILES[name]}.js`, import.meta.url).href
  await cached(url)
  const again = failed.get(url) ?? 0
  await import(again ? `${url}?again=${again}` : url).catch(error => {
    failed.set(url, again + 1)
    throw error
  })
  here.add(name)
}

/** Where a browser could not load a module once it never asks for it again: so all that it needs comes before. @param {string} url */
async function cached(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${response.status}`)
  const needed = (await response.text()).matchAll(/^import .*"(\.\.?\/[^"]+)"/gm)
  await Promise.all([...needed].map(([, path]) => new URL(path, url).href).filter(one => one.includes("/elements/")).map(cached))
}

/** Brings everything, one after the other: a dialog opens at once then, also without a connection. The next connection goes on. */
export async function bringAll() {
  try {
    for (const name of Object.keys(FILES)) await bring(name)
  } catch {}
}
