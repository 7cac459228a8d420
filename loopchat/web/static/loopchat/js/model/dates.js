/** @file Times and lists as people read them, in the language of the page. */

import { isolated, language } from "../i18n.js"

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map()

/** What somebody has chosen for the clock. @type {Record<string, Intl.DateTimeFormatOptions>} */
const HOURS = { 24: { hourCycle: "h23" }, 12: { hourCycle: "h12" } }

/** @param {string} key @param {Intl.DateTimeFormatOptions} options */
function format(key, options) {
  const hours = document.documentElement.dataset.clock ?? "locale"
  const name = `${key} ${language()} ${hours}`
  const chosen = options.hour || options.timeStyle ? HOURS[hours] : undefined
  const known = formats.get(name) ?? new Intl.DateTimeFormat(language(), { ...options, ...chosen })
  formats.set(name, known)
  return known
}

/** 14:05. @param {number} ts */
export const clock = ts => format("clock", { hour: "2-digit", minute: "2-digit" }).format(ts)

/** What the clocks show where they are so far before UTC. @param {number} minutes @param {number} now */
export const timeAt = (minutes, now = Date.now()) => clock(now + (minutes + new Date(now).getTimezoneOffset()) * 60_000)

/** The exact time, for a title. @param {number} ts */
export const exact = ts => format("exact", { dateStyle: "full", timeStyle: "medium" }).format(ts)

/** A moment on a page beside the chat. @param {number} ts */
export const moment = ts => format("moment", { dateStyle: "medium", timeStyle: "short" }).format(ts)

/** A moment to the second, short, for a list of many. @param {number} ts */
export const stamp = ts => format("stamp", { dateStyle: "short", timeStyle: "medium" }).format(ts)

/** ISO 8601, for machines. @param {number} ts */
export const iso = ts => new Date(ts).toISOString()

/** A number that is the same for all moments of one local day. @param {number} ts */
export function day(ts) {
  const date = new Date(ts)
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate()
}

/** Midnight so many local days ago. @param {number} ago @param {number} now */
export const dayStart = (ago, now = Date.now()) => {
  const date = new Date(now)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - ago).getTime()
}

/** The local day as a date field writes it, 2026-11-20. @param {number} ts */
export const isoDay = ts => new Date(ts - new Date(ts).getTimezoneOffset() * 60_000).toISOString().slice(0, 10)

/** Midnight of a day that a date field wrote; NaN for anything else. @param {string} day */
export const startOf = day => new Date(`${day}T00:00`).getTime()

/** How many local days lie between two moments. @param {number} ts @param {number} now */
export function daysAgo(ts, now) {
  const midnight = (/** @type {number} */ t) => new Date(t).setHours(12, 0, 0, 0)
  return Math.round((midnight(now) - midnight(ts)) / 86_400_000)
}

/**
 * Today, Yesterday, the weekday within a week, else the date.
 * @param {number} ts
 * @param {(text: string) => string} t
 * @param {number} now
 */
export function dayLabel(ts, t, now = Date.now()) {
  const days = daysAgo(ts, now)
  if (days === 0) return t("Today")
  if (days === 1) return t("Yesterday")
  if (days > 1 && days < 7) return format("weekday", { weekday: "long" }).format(ts)
  return format("date", { day: "numeric", month: "long", year: "numeric" }).format(ts)
}

/**
 * The time of a row in a list: the clock today, then the day, then the date.
 * @param {number} ts
 * @param {(text: string) => string} t
 * @param {number} now
 */
export function shortTime(ts, t, now = Date.now()) {
  const days = daysAgo(ts, now)
  if (days <= 0) return clock(ts)
  if (days === 1) return t("Yesterday")
  if (days < 7) return format("short weekday", { weekday: "short" }).format(ts)
  return format("short date", { day: "2-digit", month: "2-digit", year: "2-digit" }).format(ts)
}

/**
 * "5 minutes ago".
 * @param {number} ts
 * @param {number} now
 */
export function ago(ts, now = Date.now()) {
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" })
  const minutes = Math.round((ts - now) / 60_000)
  if (minutes > -60) return words.format(Math.min(minutes, 0), "minute")
  if (minutes > -24 * 60) return words.format(Math.round(minutes / 60), "hour")
  return words.format(Math.round(minutes / 1440), "day")
}

/** "Ann, Ben and Chloe". @param {string[]} words */
export const list = words => new Intl.ListFormat(language(), { type: "conjunction" }).format(words.map(isolated))
