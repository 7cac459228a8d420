/** @file The people around me: how they look, who is here, who is a friend, asks, or is blocked. */

import { personName } from "../model/names.js"

/** @typedef {import("../types.js").Me} Me */
/** @typedef {import("../types.js").Face} Face */
/** @typedef {import("../types.js").Person} Person */
/** @typedef {import("../types.js").Contact} Contact */

const EARLY_MAX = 500

export class People {
  /** @type {Me} */
  me
  /** Whose presence is known. @type {Map<number, Person>} */
  present = new Map()
  /** @type {Map<number, Contact>} */
  contacts = new Map()
  /** @type {import("../types.js").Privacy} */
  privacy = { last_seen: "everyone", online: "everyone", receipts: "everyone", write: "everyone" }
  /** Others whose names are on the screen. @type {Map<number, Face>} */
  #faces = new Map()
  /** Told of everybody who is named and whose looks are not known. @type {(uid: number) => void} */
  unknown = () => {}

  /** @param {Me} me */
  constructor(me) {
    this.me = me
  }

  /** Who came or went before it was known who they are. @type {Map<number, Partial<Person> & {state: Person["state"]}>} */
  #early = new Map()

  /** @param {Person} person */
  meet(person) {
    this.present.set(person.uid, person)
  }

  /** All friends, requests and blocks. @param {Contact[]} contacts */
  know(contacts) {
    this.contacts = new Map(contacts.map(one => [one.uid, one]))
  }

  /** What somebody is to me from now on. @param {Contact} contact */
  move({ uid, username, name, friend, request, note, blocked }) {
    if (friend || request || blocked) this.contacts.set(uid, { uid, username, name, friend, request, note, blocked })
    else this.contacts.delete(uid)
    const early = this.#early.get(uid)
    if (friend && early) this.moved(uid, { username, name, ...early })
  }

  /** Somebody came or went; false when it is not known who that is. @param {number} uid @param {Partial<Person> & {state: Person["state"]}} person */
  moved(uid, person) {
    const face = person.username ? person : (this.#faces.get(uid) ?? this.contacts.get(uid))
    if (this.#early.size > EARLY_MAX) this.#early.clear()
    if (face) this.present.set(uid, /** @type {Person} */ ({ ...face, ...person, uid }))
    else this.#early.set(uid, person)
    return Boolean(face)
  }

  /** How somebody looks from now on: what is left out is not set. @param {Face} face */
  look({ uid, username, name, avatar, status, dnd_until_ts, bot, guest, deleted }) {
    const face = { uid, username, name, avatar, status, dnd_until_ts, bot, guest, deleted }
    this.#faces.set(uid, face)
    const person = this.present.get(uid)
    if (person) this.present.set(uid, { ...person, ...face })
    if (uid === this.me.uid) this.me = { ...this.me, ...face }
  }

  /** How somebody looks, as far as it is known. @param {number} uid @returns {Face | undefined} */
  face(uid) {
    return uid === this.me.uid ? this.me : (this.#faces.get(uid) ?? this.present.get(uid))
  }

  /** Somebody's name: the one that they show, or the one that is given until it is known. @param {{uid: number, username: string}} one */
  name(one) {
    const face = this.face(one.uid)
    if (!face) this.unknown(one.uid)
    return personName(face ?? one)
  }

  /** @param {number | undefined} uid */
  isBlocked(uid) {
    return Boolean(this.contacts.get(uid ?? 0)?.blocked)
  }

  /** Those who want to be my friends, the newest last. */
  get asking() {
    return [...this.contacts.values()].filter(one => one.request === "in")
  }
}

/** What somebody says of themselves, unless it is over. @param {Face | undefined} face @param {number} now */
export const statusOf = (face, now = Date.now()) => {
  const { status } = face ?? {}
  return status && (status.until_ts ?? Number.POSITIVE_INFINITY) > now ? status : undefined
}

/** Whether somebody does not want to be disturbed. @param {Face | undefined} face @param {number} now */
export const isQuiet = (face, now = Date.now()) => (face?.dnd_until_ts ?? 0) > now
