/** Texts as lists of tokens. */

// Scripts that put no spaces between words. Each of their characters is a token, with the marks that belong to it.
const withoutSpaces = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]\p{M}*/gu
const beyondAscii = /[^\0-\x7f]/

/** What stands between whitespace; characters of scripts without spaces one by one. */
export const spacedTokens = (text: string): Array<string> =>
  splitAtSpaces(beyondAscii.test(text) ? text.replace(withoutSpaces, " $& ") : text)

/** Letters and digits in lower case, characters of scripts without spaces one by one. */
export const wordTokens = (text: string): Array<string> =>
  beyondAscii.test(text)
    ? text.normalize("NFC").toLowerCase().replace(withoutSpaces, " $& ").match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
    : asciiTokens(text)

/** Runs of `a` to `z` and digits, in lower case: all that the Python package rouge-score sees. */
export const asciiTokens = (text: string): Array<string> => text.toLowerCase().match(/[a-z0-9]+/g) ?? []

/** What stands between whitespace. */
export const splitAtSpaces = (text: string): Array<string> => {
  const trimmed = text.trim()
  return trimmed === "" ? [] : trimmed.split(/\s+/)
}
