/** @file Which slash commands bots offer in a room: looked up while one is written, and kept for a minute. */

/** @typedef {import("../model/slash.js").Offer} Offer */

const KEPT_MS = 60_000

export class Commands {
  /** @type {Map<number, {until: number, offers: Promise<Offer[]>}>} */
  #known = new Map()

  /** @param {(type: string, fields: object) => Promise<any>} ask */
  constructor(ask) {
    this.ask = ask
  }

  /** @param {number} room @returns {Promise<Offer[]>} */
  of(room) {
    const known = this.#known.get(room)
    if (known && known.until > Date.now()) return known.offers
    const offers = this.ask("commands", { room }).then(answer => answer.commands)
    this.#known.set(room, { until: Date.now() + KEPT_MS, offers })
    offers.catch(() => this.#known.delete(room))
    return offers
  }
}
