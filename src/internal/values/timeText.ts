/** Times as text, of which rows have many. */

/** Between these (2004 to 2039), numbers are a quarter of a thousandth apart, so that four decimals tell them apart. */
const from = 2 ** 40
const until = 2 ** 41

const thousandths = Array.from({ length: 1000 }, (_, i) => `.${String(i).padStart(3, "0")}`)

export type TimeText = (millis: number) => string

/**
 * Makes a function that writes milliseconds since 1970 as a text that is read as the same number, with no more digits than
 * that takes. It is JavaScript's own text in a quarter of the time, since the whole milliseconds, which rarely change from
 * one time to the next, are kept.
 */
export const makeTimeText = (): TimeText => {
  let known = Number.NaN
  let text = ""
  return (millis) => {
    if (!(millis >= from && millis < until)) return String(millis)
    const whole = Math.floor(millis)
    if (whole !== known) {
      known = whole
      text = String(whole)
    }
    if (whole === millis) return text
    const three = Math.round((millis - whole) * 1000)
    // A last decimal of 0 is one too many.
    if (whole + three / 1000 === millis) return three % 10 === 0 ? String(millis) : text + thousandths[three]
    const four = Math.round((millis - whole) * 10_000)
    const last = four % 10
    if (last === 0 || whole + four / 10_000 !== millis) return String(millis)
    return text + thousandths[(four - last) / 10] + last
  }
}
