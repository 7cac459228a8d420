/** @file Commands that wait for their `ok` or `error`. */

import { t } from "../i18n.js"

/** Why a command failed, in the words of the protocol. `lost`: the connection ended before. */
export class Refusal extends Error {
  /** @param {{code: string, message: string, definite?: boolean, field?: string, retry_after_ms?: number}} answer */
  constructor({ code, message, definite = true, field, retry_after_ms }) {
    super(message)
    this.code = code
    this.definite = definite
    this.field = field
    this.retryAfter = retry_after_ms
  }

  /** Whether the same command should simply be sent again. */
  get isPassing() {
    return ["rate_limited", "unavailable", "timeout", "lost"].includes(this.code)
  }
}

/** @typedef {{resolve: (answer: any) => void, reject: (reason: Refusal) => void}} Waiting */

export class Requests {
  #ref = 0
  /** @type {Map<number, Waiting>} */
  #waiting = new Map()

  /**
   * Sends a command and waits for its answer.
   * @param {(frame: object) => boolean} send false when there is no connection
   * @param {string} type
   * @param {object} fields
   * @returns {Promise<any>}
   */
  ask(send, type, fields) {
    const ref = ++this.#ref
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, { resolve, reject })
      if (!send({ type, ref, ...fields })) this.#take(ref)?.reject(lost())
    })
  }

  /** Takes `ok` and `error`; false for any other frame. @param {Record<string, any>} frame */
  settle(frame) {
    if (frame.type === "ok") this.#take(frame.ref)?.resolve(frame)
    else if (frame.type === "error") this.#take(frame.ref)?.reject(new Refusal(/** @type {any} */ (frame)))
    else return false
    return true
  }

  /** The connection ended: nobody will answer any more. */
  drop() {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(lost())
  }

  /** @param {number} ref */
  #take(ref) {
    const waiting = this.#waiting.get(ref)
    this.#waiting.delete(ref)
    return waiting
  }
}

const lost = () => new Refusal({ code: "lost", message: t("The connection was lost."), definite: false })
