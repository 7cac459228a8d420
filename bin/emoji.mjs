// Packs the emoji of emoji-picker-element-data into the file that the client reads on demand:
// `node bin/emoji.mjs NODE_MODULES`. Each is [emoji, name, words to find it by, group, skin tones?].
import { readFileSync } from "node:fs"

const NEWEST = 15.1
const LANDMARK_GROUP = 2
const folder = `${process.argv[2]}/emoji-picker-element-data`
const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"))
// What is drawn as an emoji anyway is written without the selector that asks for it.
const plain = emoji => emoji.replace(/^(\p{Emoji_Presentation})\uFE0F$/u, "$1")
const read = name => JSON.parse(readFileSync(`${folder}/en/${name}/data.json`, "utf8"))
const familiar = new Map(read("github").map(({ emoji, shortcodes }) => [emoji, shortcodes ?? []]))

const emoji = read("emojibase")
  .filter(one => one.version <= NEWEST && one.group !== LANDMARK_GROUP)
  .sort((a, b) => a.order - b.order)
  .map(one => {
    const codes = new Set([...(familiar.get(one.emoji) ?? []), ...(one.shortcodes ?? [])])
    const words = new Set([...codes, ...one.tags].filter(word => /^[+\w-]+$/.test(word)))
    const tones = (one.skins ?? []).filter(({ tone }) => typeof tone === "number").length
    return [plain(one.emoji), one.annotation, [...words].join(" "), one.group, ...(tones ? [1] : [])]
  })
const source = `emoji-picker-element-data ${version} (Apache-2.0, from emojibase and Unicode CLDR), packed by bin/vendor: do not edit.`
process.stdout.write(`{"source":${JSON.stringify(source)},"emoji":[\n${emoji.map(one => JSON.stringify(one)).join(",\n")}\n]}\n`)
