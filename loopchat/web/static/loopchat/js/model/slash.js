/** @file What begins with a slash: a command, or a text that only looks like one. */

/** @typedef {{name: string, bot: string, rest: string}} Call */
/** @typedef {{name: string, uid: number, username: string, hint?: string, help?: string}} Offer */

const CALL = /^\/([a-z][a-z0-9_-]{0,31})(?:@(\S{1,128}))?(?:\s+(.*))?$/isu
const BEGUN = /^\/([a-z0-9_-]*)$/iu

/** The command that a text gives: `/name rest` or `/name@bot rest`; `/etc/hosts` gives none. @param {string} text @returns {Call | null} */
export function called(text) {
  const found = text.trim().match(CALL)
  return found ? { name: found[1].toLowerCase(), bot: found[2] ?? "", rest: (found[3] ?? "").trim() } : null
}

/** What is sent of a text that begins with two slashes: it has one, and is no command. @param {string} text */
export const unescaped = text => (text.startsWith("//") ? text.slice(1) : text)

/** The name of a command that is being written, up to the caret. @param {string} text @param {number} caret */
export const begun = (text, caret) => text.slice(0, caret).match(BEGUN)?.[1].toLowerCase()

/** The commands that a call may mean. @param {Offer[]} offers @param {Call} call */
export const meant = (offers, { name, bot }) => {
  const wanted = bot.toLowerCase()
  return offers.filter(one => one.name === name && (!wanted || one.username.toLowerCase() === wanted))
}

/** How a command is written so that only one bot is meant. @param {Offer[]} offers @param {Offer} one */
export const written = (offers, one) =>
  offers.some(other => other !== one && other.name === one.name) ? `/${one.name}@${one.username}` : `/${one.name}`
