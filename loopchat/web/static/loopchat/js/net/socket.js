/** @file The one WebSocket: connects, comes back, notices that it died, hands out what arrives. */

import { backoff } from "../model/backoff.js"
import { comesBack } from "../model/closing.js"
import { Heartbeat } from "./heartbeat.js"
import { Requests } from "./requests.js"

/**
 * @typedef {"connecting" | "online" | "waiting" | "offline" | "ended"} State
 *   waiting: until the next attempt; offline: the device has no network; ended: do not come back.
 */

const PROTOCOL = "loopchat.v1"
const HANDSHAKE_MS = 15_000
const LONG_SILENCE_MS = 20_000

/**
 * Events: `state` when `state`, `attempts` or `retryAt` changed, `frame` for each object of the
 * server that is no answer, `ended` with the close code that means "do not come back".
 */
export class Socket extends EventTarget {
  /** @type {State} */
  state = "connecting"
  /** Failed attempts since the last success. */
  attempts = 0
  /** When the next attempt is made (`Date.now`). */
  retryAt = 0

  /** @type {WebSocket | null} */
  #socket = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #requests = new Requests()
  #heartbeat = new Heartbeat(() => this.send({ type: "ping", n: Date.now() }), () => this.restart())
  #hiddenAt = 0

  /** @param {string} url */
  constructor(url) {
    super()
    this.url = url
  }

  /** Connects now and stays connected. */
  start() {
    addEventListener("online", () => this.retry())
    addEventListener("offline", () => this.#note())
    addEventListener("pageshow", event => event.persisted && this.restart())
    document.addEventListener("visibilitychange", () => this.#shownOrHidden())
    this.#connect()
  }

  /** @param {object} frame @returns {boolean} whether there was a connection to send it on */
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  /** While a connection is being made a command waits for `ready`: whoever is quick is not refused. @param {string} type @param {object} [fields] @returns {Promise<any>} */
  async ask(type, fields = {}) {
    if (this.state === "connecting") await this.#attempt()
    return this.#requests.ask(frame => this.send(frame), type, fields)
  }

  /** The server said `ready`: attempts count from nothing again. */
  settled() {
    this.attempts = 0
    this.#become("online")
  }

  /** Connects at once if it waits. */
  retry() {
    if (this.state === "waiting" || this.state === "offline") this.#connect()
  }

  /** Ends this connection, whatever its state, and comes back after a delay. @param {number} [delay] */
  restart(delay) {
    if (this.state === "ended") return
    this.#drop()
    this.#wait(delay)
  }

  #connect() {
    this.#drop()
    this.#become("connecting")
    const socket = new WebSocket(this.url, PROTOCOL)
    this.#socket = socket
    this.#timer = setTimeout(() => this.restart(), HANDSHAKE_MS)
    socket.onopen = () => this.#heartbeat.start()
    socket.onmessage = event => this.#received(event.data)
    socket.onclose = event => this.#closed(event.code)
  }

  /** @param {string} data */
  #received(data) {
    this.#heartbeat.heard()
    const socket = this.#socket
    for (const line of data.split("\n")) {
      if (line === "") continue
      const frame = JSON.parse(line)
      if (frame.type === "welcome") clearTimeout(this.#timer)
      if (frame.type === "pong" || this.#requests.settle(frame)) continue
      this.dispatchEvent(new CustomEvent("frame", { detail: frame }))
      if (socket !== this.#socket) return
    }
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop()
    if (comesBack(code)) return this.#wait()
    this.#become("ended")
    this.dispatchEvent(new CustomEvent("ended", { detail: code }))
  }

  /** @param {number} [delay] */
  #wait(delay = backoff(this.attempts)) {
    this.attempts += 1
    this.retryAt = Date.now() + delay
    this.#timer = setTimeout(() => this.#connect(), delay)
    this.#become(navigator.onLine ? "waiting" : "offline")
  }

  /** Forgets the connection, so that none of its late events counts. */
  #drop() {
    clearTimeout(this.#timer)
    this.#heartbeat.stop()
    const socket = this.#socket
    this.#socket = null
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    }
    this.#requests.drop()
  }

  /** Ends when this attempt has come to something, whatever that is. @returns {Promise<unknown>} */
  #attempt() {
    return new Promise(resolve => this.addEventListener("state", resolve, { once: true }))
  }

  #note() {
    if (this.state === "waiting") this.#become("offline")
    if (this.state === "online") this.#heartbeat.probe()
  }

  #shownOrHidden() {
    if (document.hidden) {
      this.#hiddenAt = Date.now()
      return
    }
    if (this.state === "online" && Date.now() - this.#hiddenAt > LONG_SILENCE_MS) this.#heartbeat.probe()
    this.retry()
  }

  /** @param {State} state */
  #become(state) {
    this.state = state
    this.dispatchEvent(new CustomEvent("state"))
  }
}
