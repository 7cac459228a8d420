/** @file Forms of the pages, sent without leaving the page. */

import { t } from "../i18n.js"
import { Refusal } from "./requests.js"

/** The token that Django wants with every form. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? ""
}

/**
 * @param {string} url
 * @param {Record<string, string | string[]>} [fields] a list becomes several values of one name
 * @returns {Promise<any>} the answer, or a `Refusal`
 */
export async function post(url, fields = {}) {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) body.append(name, one)
  }
  return answer(fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), ...JSON_ANSWER } }))
}

/** Deletes over REST; the request outlives the page, and nobody hears the answer. @param {string} url */
export function part(url) {
  fetch(url, { method: "DELETE", keepalive: true, headers: { "X-CSRFToken": csrfToken(), ...JSON_ANSWER } }).catch(() => {})
}

/** @param {string} url @param {Record<string, string>} [query] */
export function get(url, query = {}) {
  const search = new URLSearchParams(query).toString()
  return answer(fetch(search ? `${url}?${search}` : url, { headers: JSON_ANSWER }))
}

const JSON_ANSWER = { Accept: "application/json" }

/** @param {Promise<Response>} sent */
async function answer(sent) {
  const response = await sent.catch(() => null)
  if (!response) throw new Refusal({ code: "lost", message: t("The server cannot be reached.") })
  const isJson = response.headers.get("Content-Type")?.includes("json")
  const data = isJson ? await response.json() : {}
  if (response.ok && isJson) return data
  throw new Refusal({ code: data.code ?? "unavailable", message: data.message ?? response.statusText, field: data.field })
}
