/** Characters that are not seen: where they carry something that readers miss, and where they belong. */
import type { Detector } from "./safetyFindings.ts"

const zeroWidthJoiner = 0x200d
const zeroWidthNonJoiner = 0x200c
const byteOrderMark = 0xfeff
const blackFlag = 0x1f3f4
const cancelTag = 0xe007f

const isZeroWidth = (code: number): boolean =>
  (code >= 0x200b && code <= 0x200d) || (code >= 0x2060 && code <= 0x2064) || code === byteOrderMark || code === 0xad ||
  code === 0x180e || code === 0x34f

/** Embeddings, overrides, isolates and marks of direction: Unicode Standard Annex 9. */
const isBidirectional = (code: number): boolean =>
  (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x206f) || code === 0x61c || code === 0x200e ||
  code === 0x200f

const isTag = (code: number): boolean => code >= 0xe0000 && code <= cancelTag

const isVariationSelector = (code: number): boolean =>
  (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef) || (code >= 0x180b && code <= 0x180d)

/** Letters that are drawn as nothing. */
const isFiller = (code: number): boolean => code === 0x115f || code === 0x1160 || code === 0x3164 || code === 0xffa0

const isControl = (code: number): boolean =>
  (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || (code >= 0x7f && code <= 0x9f && code !== 0x85) ||
  (code >= 0xfff9 && code <= 0xfffb)

/** Whether a character is of any of these kinds. */
export const isInvisible = (code: number): boolean =>
  isZeroWidth(code) || isBidirectional(code) || isTag(code) || isVariationSelector(code) || isFiller(code) ||
  isControl(code)

const isEmojiPart = (character: string): boolean =>
  /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\u20e3]$/u.test(character)

/** Scripts that are written with joiners: in these, they change how a word is read. */
const joined =
  /^[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]$/u

const isLetterOfJoined = (character: string): boolean => /^[\p{L}\p{M}]$/u.test(character) && joined.test(character)

const isRightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/** Runs of characters of one kind; `belongs` says of the character at a place, with its neighbours, that it may be there. */
const runs = (
  is: (code: number) => boolean,
  belongs: (characters: ReadonlyArray<string>, at: number) => boolean
): Detector =>
  function*(text) {
    // Most texts have none, and need no list of their characters.
    let any = false
    for (let i = 0; i < text.length && !any; i++) {
      const code = text.charCodeAt(i)
      any = is(code) || (code >= 0xd800 && code <= 0xdbff && is(text.codePointAt(i) ?? 0))
    }
    if (!any) return
    const characters = Array.from(text)
    let place = 0
    let start = -1
    for (const [i, character] of characters.entries()) {
      const hit = is(character.codePointAt(0) ?? 0) && !belongs(characters, i)
      if (hit && start < 0) start = place
      if (!hit && start >= 0) {
        yield { start, end: place }
        start = -1
      }
      place += character.length
    }
    if (start >= 0) yield { start, end: place }
  }

const joinerBelongs = (characters: ReadonlyArray<string>, at: number): boolean => {
  const code = characters[at]?.codePointAt(0)
  const before = characters[at - 1] ?? ""
  const after = characters[at + 1] ?? ""
  if (code === byteOrderMark) return at === 0
  if (code === zeroWidthJoiner && isEmojiPart(before) && isEmojiPart(after)) return true
  return (code === zeroWidthJoiner || code === zeroWidthNonJoiner) && isLetterOfJoined(before) &&
    (isLetterOfJoined(after) || !/[\p{L}\p{M}\p{N}]/u.test(after))
}

/** The flags of England, Scotland and Wales are a flag, tags for the letters of the region, and an end. */
const longestFlag = 8

const tagBelongs = (characters: ReadonlyArray<string>, at: number): boolean => {
  let from = at
  while (from > 0 && at - from < longestFlag && isTag(characters[from - 1]?.codePointAt(0) ?? 0)) from--
  if (characters[from - 1]?.codePointAt(0) !== blackFlag) return false
  let to = from
  while (to - from < longestFlag && isTag(characters[to]?.codePointAt(0) ?? 0)) to++
  const last = characters[to - 1]?.codePointAt(0)
  return last === cancelTag && to - from <= longestFlag - 1 && at < to
}

/** One after a character that it can vary; any other carries data. */
const selectorBelongs = (characters: ReadonlyArray<string>, at: number): boolean => {
  const code = characters[at]?.codePointAt(0) ?? 0
  const before = characters[at - 1] ?? ""
  // How an emoji is shown, and keycaps.
  if (code === 0xfe0e || code === 0xfe0f) return /^\p{Emoji}$/u.test(before)
  if (code >= 0xe0100) return /^\p{Script=Han}$/u.test(before)
  if (code < 0xfe00) return /^\p{Script=Mongolian}$/u.test(before)
  return /^[\p{S}\p{Script=Han}\p{Script=Myanmar}\p{Script=Phags_Pa}]$/u.test(before)
}

const never = () => false

export const invisibleDetectors: { readonly [kind: string]: Detector } = {
  zero_width: runs(isZeroWidth, joinerBelongs),
  bidirectional_control: function*(text, plain) {
    // Marks of direction are how people mix the two ways of writing; embeddings and overrides also reorder what is shown.
    const mixed = isRightToLeft.test(text)
    const isMark = (code: number) => code === 0x200e || code === 0x200f || code === 0x61c
    yield* runs((code) => isBidirectional(code) && !(mixed && isMark(code)), never)(text, plain)
  },
  tag: runs(isTag, tagBelongs),
  variation_selector: runs(isVariationSelector, selectorBelongs),
  blank_letter: runs(isFiller, never),
  control_character: runs(isControl, never)
}
