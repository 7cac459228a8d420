/** @file The icons: strokes on a 24 × 24 grid, coloured by the text around them. */

import { html } from "../../vendor/lit.js"

const PATHS = Object.freeze({
  archive: "M4 8h16M5 8v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8M3.500 4h17v4h-17zM10 12h4",
  back: "M15 5l-7 7 7 7",
  bell: "M6 16V11a6 6 0 1 1 12 0v5l1.500 2h-15zM10 21h4",
  block: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.700 5.700l12.600 12.600",
  calendar: "M4.500 6h15v14h-15zM4.500 10h15M8.500 3.500v4M15.500 3.500v4",
  check: "M5 12.500l4.500 4.500L19 7.500",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  down: "M12 5v14M6 13l6 6 6-6",
  bold: "M7 5h6a3.500 3.500 0 0 1 0 7H7zM7 12h7a3.500 3.500 0 0 1 0 7H7z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
  code: "M9 8l-5 4 5 4M15 8l5 4-5 4",
  codeBlock: "M4 4.500h16v15H4zM10 9.500L7.500 12l2.500 2.500M14 9.500l2.500 2.500-2.500 2.500",
  edit: "M4 20h4L19.500 8.500l-4-4L4 16zM13.500 6.500l4 4",
  format: "M4 18L9 5l5 13M5.500 14h7M15.500 18v-5M15.500 15.500a2.500 2.500 0 1 0 5 0 2.500 2.500 0 1 0-5 0zM20.500 13v5",
  forward: "M15 7l5 5-5 5M19.500 12H10a6 6 0 0 0-6 6v1",
  hash: "M9 4L7 20M17 4l-2 16M4.500 9h16M3.500 15h16",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01",
  italic: "M10 5h8M6 19h8M14.500 5l-5 14",
  keyboard: "M3.500 6.500h17v11h-17zM7 10v.01M10.500 10v.01M14 10v.01M17 10v.01M8 14h8",
  leave: "M14 4h-8a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M11 12h9M17 8.500l3.500 3.500-3.500 3.500",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700L11.500 6.800M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500",
  list: "M9 6h11M9 12h11M9 18h11M4.500 6v.01M4.500 12v.01M4.500 18v.01",
  lock: "M6 11h12v9H6zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11",
  menu: "M11.500 5h1v1h-1zM11.500 11.500h1v1h-1zM11.500 18h1v1h-1z",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
  mark: "M4 12.500l4 4 8-9M11 15.500l1 1 8-9",
  mute: "M6.500 16V11c0-.9.2-1.700.6-2.400M9.300 5.700A6 6 0 0 1 18 11v4M16 18H4.500l1.500-2M10 21h4M4 4l16 16",
  more: "M5 11.500h1v1h-1zM11.500 11.500h1v1h-1zM18 11.500h1v1h-1z",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c0-3.500 2.900-5.500 6.500-5.500s6.500 2 6.500 5.500M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.900c2.100.8 3.500 2.500 3.500 5.100",
  person: "M12 11.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c0-4 3.400-6 7.500-6s7.500 2 7.500 6",
  pin: "M9 3.500h6l-.5 6.500 3 3.500h-11l3-3.500zM12 13.500V21",
  plus: "M12 5v14M5 12h14",
  quote: "M5 6v12M9 8h10M9 12h10M9 16h6",
  reply: "M9 7L4 12l5 5M4.500 12H14a6 6 0 0 1 6 6v1",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500L20 20",
  select: "M4 4h16v16H4zM8 12.500l3 3 5.500-6.500",
  send: "M4.500 12L3.500 4.500 21 12 3.500 19.500zM4.500 12H12",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14c.8 1.300 2 2 3.500 2s2.700-.7 3.500-2M9 9.500v.01M15 9.500v.01",
  spoiler: "M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6zM4 4l16 16",
  star: "M12 4l2.500 5.200 5.700.8-4.100 4 1 5.700-5.100-2.700-5.100 2.700 1-5.700-4.100-4 5.700-.8z",
  strike: "M4.500 12h15M16.500 7.500c-.6-1.600-2.200-2.500-4.500-2.500-2.600 0-4.300 1.200-4.300 3 0 1.200.7 2.100 2 2.700M7.300 16c.5 1.900 2.300 3 4.800 3 2.800 0 4.700-1.300 4.700-3.300 0-.7-.2-1.300-.6-1.800",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  trash: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  up: "M12 19V5M6 11l6-6 6 6",
  warning: "M12 4L2.500 20h19zM12 10v4.500M12 17.300v.01",
  write: "M20 11.500a8 8 0 0 1-8.500 8c-1.300 0-2.500-.3-3.600-.8L4 20l1.300-3.600A8 8 0 1 1 20 11.500zM12 8v7M8.500 11.500h7",
})

/** @typedef {keyof typeof PATHS} IconName */

/** Those that point somewhere: mirrored from right to left. */
const TURNS = new Set(["back", "forward", "leave", "list", "quote", "reply"])

/** @param {IconName} name @param {"small"} [size] */
export const icon = (name, size) => html`<svg
  class=${`icon${size ? " icon--small" : ""}${TURNS.has(name) ? " icon--turns" : ""}`} viewBox="0 0 24 24" aria-hidden="true"
><path d=${PATHS[name]}></path></svg>`

/** The state of a message of mine, drawn in the corner of its bubble. */
const TICKS = Object.freeze({
  waiting: "M8 14.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM8 4.500V8l2.300 1.600",
  stored: "M2.500 8.600l3.300 3.400 7.200-8",
  delivered: "M.8 8.600L4.100 12l7.200-8M7.200 11.300l.7.7 7.300-8",
  read: "M.8 8.600L4.100 12l7.200-8M7.200 11.300l.7.7 7.300-8",
  failed: "M8 14.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM8 4.800v4M8 11.200v.01",
})

/** @param {import("../model/ticks.js").Ticks} state @param {string} label */
export const tickIcon = (state, label) => html`<span class="ticks" data-ticks=${state}>
  <svg viewBox="0 0 16 16" aria-hidden="true"><path d=${TICKS[state]}></path></svg>
  <span class="sr-only">${label}</span>
</span>`
