/** @file The page for operators: asks every two seconds how the server is, and makes rates of sums. */

import { language as languageOf } from "../js/i18n.js"
import { iso, stamp } from "../js/model/dates.js"

const EVERY_MS = 2000

const page = /** @type {HTMLElement} */ (document.getElementById("operations"))
const workers = /** @type {HTMLElement} */ (document.getElementById("workers"))
const problems = /** @type {HTMLElement} */ (document.getElementById("problems"))
/** Characters of a problem that stand in the list; what is longer is folded. */
const SHORT = 120

const language = languageOf()

const whole = new Intl.NumberFormat(language)
const short = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 })
const span = new Intl.RelativeTimeFormat(language, { numeric: "always" })
const share = new Intl.NumberFormat(language, { style: "percent" })

/**
 * @typedef {{ name: string, version: string, started_ts: number, sockets: number, queue: number, memory: number, draining: boolean, bus_up: boolean }} WorkerRow
 * @typedef {{ worker: string, ts: number, level: string, text: string }} Problem
 * @typedef {{ ts: number, online: number, silent: number, sums: Record<string, number>, commits: number, commit_s: number, delays: number, delay_s: number,
 *   bus: string, bus_up: boolean, database: { kind: string, size: number, busy: number, most: number, waiting: number }, disk_free: number, disk_size: number,
 *   backup: { made_ts: number, size: number, text: string } | null, workers: WorkerRow[], problems: Problem[] }} Figures
 */

/** @type {Figures | null} */
let last = null

/** @param {number} bytes */
function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"]
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  const format = { style: "unit", unit: units[step], maximumSignificantDigits: 3 }
  return new Intl.NumberFormat(language, /** @type {Intl.NumberFormatOptions} */ (format)).format(bytes / 1024 ** step)
}

/** @param {number} seconds */
function milliseconds(seconds) {
  return new Intl.NumberFormat(language, { style: "unit", unit: "millisecond", maximumSignificantDigits: 2 }).format(seconds * 1000)
}

/** @param {number} ts @param {number} now */
function ago(ts, now) {
  const minutes = Math.max(0, Math.round((now - ts) / 60_000))
  if (minutes < 120) return span.format(-minutes, "minute")
  return minutes < 48 * 60 ? span.format(-Math.round(minutes / 60), "hour") : span.format(-Math.round(minutes / 1440), "day")
}

/** @param {string} name @param {string} text @param {string} [tone] */
function show(name, text, tone = "") {
  const place = /** @type {HTMLElement} */ (page.querySelector(`[data-figure="${name}"]`))
  if (place.textContent !== text) place.textContent = text
  place.dataset.tone = tone
}

/** @param {string} name @param {string} word what its `data-…` says */
const word = (name, word) => /** @type {HTMLElement} */ (page.querySelector(`[data-figure="${name}"]`)).dataset[word] ?? ""

/** How much a sum has risen a second; a worker that is gone takes its part along. @param {Figures} now @param {string} name */
function rate(now, name) {
  if (!last || now.ts <= last.ts) return "–"
  return short.format(Math.max(0, now.sums[name] - last.sums[name]) / ((now.ts - last.ts) / 1000))
}

/** @param {number} total @param {number} count @param {number} totalBefore @param {number} countBefore */
function average(total, count, totalBefore, countBefore) {
  return count > countBefore ? milliseconds((total - totalBefore) / (count - countBefore)) : "–"
}

/** @param {Figures} now */
function showNow(now) {
  show("online", whole.format(now.online))
  show("sockets", whole.format(now.workers.reduce((sum, one) => sum + one.sockets, 0)))
  show("messages", rate(now, "messages"))
  show("deliveries", rate(now, "deliveries"))
  const waiting = now.workers.reduce((sum, one) => sum + one.queue, 0)
  show("queue", whole.format(waiting), waiting > 1000 ? "warn" : "")
  show("commit", last ? average(now.commit_s, now.commits, last.commit_s, last.commits) : "–")
  show("delay", last ? average(now.delay_s, now.delays, last.delay_s, last.delays) : "–")
}

/** @param {Figures} now */
function showGround(now) {
  if (now.bus === "memory") show("bus", word("bus", "alone"))
  else show("bus", word("bus", now.bus_up ? "up" : "down"), now.bus_up ? "" : "bad")
  const { kind, busy, most, waiting } = now.database
  show("database", `${kind} · ${size(now.database.size)}`)
  const pool = /** @type {HTMLElement} */ (page.querySelector("[data-pool]"))
  pool.hidden = most === 0
  show("pool", `${whole.format(busy)} / ${whole.format(most)}`, waiting > 0 ? "warn" : "")
  const free = now.disk_size ? now.disk_free / now.disk_size : 1
  show("disk", `${size(now.disk_free)} · ${share.format(free)}`, now.disk_free < 2 ** 30 ? "bad" : free < 0.1 ? "warn" : "")
  if (!now.backup) show("backup", word("backup", "none"), "warn")
  else show("backup", `${ago(now.backup.made_ts, now.ts)} · ${size(now.backup.size)}`, now.ts - now.backup.made_ts > 3 * 86_400_000 ? "warn" : "")
  for (const name of ["repairs", "passing_dropped", "unsent"]) show(name, whole.format(now.sums[name]))
  show("failed", whole.format(now.sums.failed), now.sums.failed ? "bad" : "")
}

/** @param {Figures} now */
function showWorkers(now) {
  workers.replaceChildren(...now.workers.map(one => {
    const row = document.createElement("tr")
    const words = workers.dataset
    const state = one.draining ? words.draining : now.bus === "memory" || one.bus_up ? words.fine : words.deaf
    const cells = [`${one.name} · ${one.version}`, ago(one.started_ts, now.ts), whole.format(one.sockets), whole.format(one.queue), size(one.memory), state ?? ""]
    for (const text of cells) row.insertCell().textContent = text
    return row
  }))
}

/** The list is made anew only when there is something else in it: what somebody has unfolded stays so. @param {Figures} now */
function showProblems(now) {
  if (JSON.stringify(now.problems) === JSON.stringify(last?.problems)) return
  const open = new Set([...problems.querySelectorAll("details[open]")].map(one => one.getAttribute("data-key")))
  const items = now.problems.map(one => problem(one, open))
  problems.replaceChildren(...(items.length > 0 ? items : [nothing()]))
}

/** @param {Problem} one @param {Set<string | null>} open the keys of those that are unfolded */
function problem({ ts, worker, text }, open) {
  const item = document.createElement("li")
  const time = document.createElement("time")
  time.dateTime = iso(ts)
  time.textContent = stamp(ts)
  const whole = `${worker} · ${text}`
  if (whole.length <= SHORT) {
    item.append(time, " · ", english(whole))
    return item
  }
  const fold = document.createElement("details")
  fold.dataset.key = `${ts} ${whole}`
  fold.open = open.has(fold.dataset.key)
  const summary = document.createElement("summary")
  summary.append(time, " · ", english(`${whole.slice(0, SHORT).trimEnd()}…`))
  fold.append(summary, english(whole))
  item.append(fold)
  return item
}

/** @param {string} text what the log says */
function english(text) {
  const said = document.createElement("bdi")
  said.lang = "en"
  said.textContent = text
  return said
}

function nothing() {
  const item = document.createElement("li")
  item.textContent = problems.dataset.none ?? ""
  return item
}

/** @param {string} id @param {boolean} isShown */
function notice(id, isShown) {
  const place = /** @type {HTMLElement} */ (document.getElementById(id))
  if (place.hidden === isShown) place.hidden = !isShown
}

async function look() {
  try {
    const answer = await fetch(page.dataset.from ?? "", { headers: { Accept: "application/json" }, redirect: "error", signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) throw new Error(String(answer.status))
    const now = /** @type {Figures} */ (await answer.json())
    showNow(now)
    showGround(now)
    showWorkers(now)
    showProblems(now)
    notice("silent", now.silent > 0)
    notice("away", false)
    page.ariaBusy = "false"
    last = now
  } catch {
    notice("away", true)
  }
  setTimeout(look, EVERY_MS)
}

look()
