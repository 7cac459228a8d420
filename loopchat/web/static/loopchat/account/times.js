/** @file Points in time on the plain pages: as the clocks of whoever looks at them show them. */

const { lang, dataset } = document.documentElement
const hour12 = { 12: true, 24: false }[dataset.clock ?? ""]
const written = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", hour12 })

for (const time of document.querySelectorAll("time")) time.textContent = written.format(new Date(time.dateTime))
