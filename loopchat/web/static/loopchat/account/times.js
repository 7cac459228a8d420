/** @file Points in time on the plain pages: as the chat shows them, and as the clocks of whoever looks go. */

import { moment } from "../js/model/dates.js"

for (const time of document.querySelectorAll("time")) time.textContent = moment(Date.parse(time.dateTime))

// A choice has text and nothing else in it: what the server wrote there is replaced.
for (const choice of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("option[data-when]"))) {
  const { when = "", said = "" } = choice.dataset
  choice.textContent = (choice.textContent ?? "").replace(said, () => moment(Date.parse(when)))
}
