/** @file The tree of a formatted message as elements. Nothing in it is ever read as HTML. */

import { html } from "../../vendor/lit.js"
import { copyText } from "../clipboard.js"
import { t } from "../i18n.js"
import { icon } from "./icons.js"

/** @typedef {string | {t: string, [field: string]: any}} Node */
/** @typedef {{me: number, open?: (person: {uid: number, username: string}) => void}} Reader */

const DONE_MS = 2000
const SAFE = /^(?:https?:\/\/|mailto:)/i

/** @param {Node[]} nodes @param {Reader} reader @returns {unknown[]} */
export const richText = (nodes, reader) => nodes.map(node => {
  if (typeof node === "string") return node
  return Object.hasOwn(DRAWN, node.t) ? DRAWN[node.t](node, reader) : (node.v ?? inside(node, reader))
})

/** @param {any} node @param {Reader} reader */
const inside = (node, reader) => richText(node.c ?? [], reader)

/** @type {Record<string, (node: any, reader: Reader) => unknown>} */
const DRAWN = {
  p: (node, reader) => html`<p>${inside(node, reader)}</p>`,
  quote: (node, reader) => html`<blockquote>${inside(node, reader)}</blockquote>`,
  ul: (node, reader) => html`<ul>${inside(node, reader)}</ul>`,
  ol: (node, reader) => html`<ol start=${node.start ?? 1}>${inside(node, reader)}</ol>`,
  li: (node, reader) => html`<li>${inside(node, reader)}</li>`,
  pre: (node, reader) => html`<div class="code-box"><pre class="code" dir="ltr" tabindex="0"
    aria-label=${node.lang ? t("Code in {language}", { language: node.lang }) : t("Code")}><code>${inside(node, reader)}</code></pre><button
    type="button" class="code-box__copy" title=${t("Copy code")} aria-label=${t("Copy code")} @click=${copyCode}>${icon("copy", "small")}${icon("check", "small")}</button></div>`,
  tok: node => html`<span class="code__${token(node.k)}">${node.v}</span>`,
  b: (node, reader) => html`<strong>${inside(node, reader)}</strong>`,
  i: (node, reader) => html`<em>${inside(node, reader)}</em>`,
  s: (node, reader) => html`<s>${inside(node, reader)}</s>`,
  code: node => html`<code dir="ltr">${node.v}</code>`,
  br: () => html`<br>`,
  a: (node, reader) => SAFE.test(node.href)
    ? html`<a href=${node.href} target="_blank" rel="noopener noreferrer nofollow">${inside(node, reader)}</a>`
    : inside(node, reader),
  at: (node, reader) => html`<span class="mention" data-me=${node.uid === reader.me || null} @click=${() => reader.open?.({ uid: node.uid, username: node.v })}><bdi>@${node.v}</bdi></span>`,
  all: () => html`<span class="mention" data-me>@all</span>`,
  spoiler: (node, reader) => html`<span class="spoiler" role="button" tabindex="0" aria-expanded="false"
    aria-label=${t("Spoiler: show it")} @click=${reveal} @keydown=${revealByKey}><span class="spoiler__inside">${inside(node, reader)}</span></span>`,
}

/** Class names of tokens are short words; whatever else came would be no class of ours. @param {unknown} kind */
const token = kind => /^[a-z]{1,4}$/.test(String(kind)) ? kind : "x"

/** @param {Event} event */
async function copyCode(event) {
  const button = /** @type {HTMLElement} */ (event.currentTarget)
  await copyText(button.parentElement?.querySelector("code")?.textContent ?? "")
  button.setAttribute("data-done", "")
  button.setAttribute("aria-label", t("Copied"))
  setTimeout(() => {
    button.removeAttribute("data-done")
    button.setAttribute("aria-label", t("Copy code"))
  }, DONE_MS)
}

/** @param {Event} event */
function reveal(event) {
  const spoiler = /** @type {HTMLElement} */ (event.currentTarget)
  spoiler.setAttribute("aria-expanded", "true")
  spoiler.removeAttribute("aria-label")
}

/** @param {KeyboardEvent} event */
function revealByKey(event) {
  if (event.key !== "Enter" && event.key !== " ") return
  event.preventDefault()
  reveal(event)
}
