/** Data about persons, each kind with whatever check its numbers have. Every function is linear in the text. */
import { isIPv4, isIPv6 } from "node:net"
import { byPattern, type Detector } from "./safetyFindings.ts"

/**
 * Whether a row of digits has a right check digit: ISO/IEC 7812-1, annex B (H. P. Luhn, 1960). Digits only, no spaces.
 *
 * @category measures
 * @since 0.1.0
 */
export const hasLuhnDigit = (digits: string): boolean => {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit
  }
  return digits.length > 0 && sum % 10 === 0
}

/** Numbers that issuers of cards begin with: Visa, Mastercard, American Express, Discover, JCB, Diners, UnionPay, Maestro. */
const issuer = /^(?:4|5[0-8]|2[2-7]|3[0-9]|6[0-9])/

/**
 * Groups of digits with a space or a hyphen between them that are 13 to 19 digits together and have the check digit.
 * Any run of groups counts, so that a number before or behind the card does not hide it.
 */
const cards: Detector = function*(text) {
  for (const line of text.matchAll(/(?<![\d])\d+(?:[ -]\d+)*/g)) {
    const groups = Array.from(
      line[0].matchAll(/\d+/g),
      (group) => ({ start: line.index + group.index, digits: group[0] })
    )
    for (let first = 0; first < groups.length; first++) {
      let digits = ""
      for (let last = first; last < groups.length && digits.length < 20; last++) {
        const group = groups[last]!
        digits += group.digits.slice(0, 20)
        if (digits.length < 13 || digits.length > 19 || !issuer.test(digits) || !hasLuhnDigit(digits)) continue
        // All digits alike pass the check, and are no card.
        if (/^(\d)\1+$/.test(digits)) continue
        yield { start: groups[first]!.start, end: group.start + group.digits.length }
        first = last
        break
      }
    }
  }
}

/** Length by country: the registry of ISO 13616. */
const ibanLengths: ReadonlyMap<string, number> = new Map(
  ("AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 " +
    "FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 " +
    "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 " +
    "RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30")
    .split(" ").map((entry) => [entry.slice(0, 2), Number(entry.slice(2))])
)

/**
 * Whether an IBAN, without spaces, has the length of its country and the right check digits (ISO 7064, mod 97-10).
 *
 * @category measures
 * @since 0.1.0
 */
export const isIban = (iban: string): boolean => {
  if (ibanLengths.get(iban.slice(0, 2)) !== iban.length) return false
  let remainder = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (value > 9 ? remainder * 100 + value : remainder * 10 + value) % 97
  }
  return remainder === 1
}

const ibans: Detector = function*(text) {
  for (const start of text.matchAll(/(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?=[ A-Z0-9])/g)) {
    const length = ibanLengths.get(start[0].slice(0, 2))
    if (length === undefined) continue
    let iban = ""
    let at = start.index
    for (; at < text.length && iban.length < length; at++) {
      const character = text[at]!
      if (/[A-Z0-9]/.test(character)) iban += character
      else if (character !== " " || text[at - 1] === " ") break
    }
    if (isIban(iban) && !/[A-Za-z0-9]/.test(text[at] ?? " ")) yield { start: start.index, end: at }
  }
}

export const personalDataDetectors: { readonly [kind: string]: Detector } = {
  email: byPattern(
    /(?<![\p{L}\p{N}_.%+-])[\p{L}\p{N}_.%+-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}-])/gu
  ),
  // With a country code, 8 to 15 digits (ITU-T E.164); or in the groups of North America.
  phone: byPattern(
    /(?<![\w+.-])(?:\+\d(?:[ .()-]{0,2}\d){7,14}|(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4})(?![\w-])/g
  ),
  card: cards,
  iban: ibans,
  ip_address: function*(text) {
    for (const match of text.matchAll(/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g)) {
      if (isIPv4(match[0])) yield { start: match.index, end: match.index + match[0].length }
    }
    for (const match of text.matchAll(/(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:])/g)) {
      // Two groups and two colons are more often code than an address.
      const groups = match[0].split(":").filter((group) => group !== "")
      if (groups.length >= 3 && isIPv6(match[0])) yield { start: match.index, end: match.index + match[0].length }
    }
  },
  // As the US Social Security Administration gives them out: no part is all zeros, and none begins with 666 or 9.
  us_social_security_number: byPattern(
    /(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g
  )
}
