/**
 * On which lines the elements of a JSON array begin. A parser that gives values does not say where they stood; this one
 * looks at nothing but where values begin and end, and is asked only when a row is wrong.
 */

interface Container {
  readonly isArray: boolean
  /** Whether the pointer leads through it. */
  readonly isOnPath: boolean
  index: number
  key: string
}

/** Takes the text of a file bit by bit, and gives the lines when it has all. */
export const makeElementLines = (pointer: string) => {
  const tokens = pointer === ""
    ? []
    : pointer.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
  const lines: Array<number> = []
  const above: Array<Container> = []
  let line = 1
  /** What is known of the text that is being read; `undefined` outside of texts. */
  let text: string | undefined
  let lastText = ""
  let isEscaped = false
  let isInValue = false

  const top = (): Container | undefined => above.at(-1)
  const isOnPath = (): boolean => {
    const parent = top()
    if (parent === undefined) return true
    return parent.isOnPath && tokens[above.length - 1] === (parent.isArray ? String(parent.index) : parent.key)
  }
  const beginValue = () => {
    if (isInValue) return
    isInValue = true
    const parent = top()
    if (parent?.isArray === true && parent.isOnPath && above.length - 1 === tokens.length) lines.push(line)
  }
  const inText = (character: string) => {
    if (!isEscaped && character === `"`) {
      lastText = text ?? ""
      text = undefined
      return
    }
    isEscaped = !isEscaped && character === "\\"
    text += character
  }
  const outsideOfText = (character: string) => {
    switch (character) {
      case `"`:
        // Whether it is a key shows when a colon follows; keys are no elements of arrays.
        if (top()?.isArray !== false) beginValue()
        text = ""
        return
      case "{":
      case "[": {
        const onPath = isOnPath()
        beginValue()
        above.push({ isArray: character === "[", isOnPath: onPath, index: 0, key: "" })
        isInValue = false
        return
      }
      case "}":
      case "]":
        above.pop()
        isInValue = true
        return
      case ":": {
        const parent = top()
        if (parent !== undefined) parent.key = unescaped(lastText)
        isInValue = false
        return
      }
      case ",": {
        const parent = top()
        if (parent !== undefined) parent.index++
        isInValue = false
        return
      }
      case "\n":
        line++
        return
      case " ":
      case "\t":
      case "\r":
        return
      default:
        beginValue()
    }
  }
  return {
    lines,
    add(chunk: string) {
      for (const character of chunk) {
        if (text === undefined) outsideOfText(character)
        else inText(character)
      }
    }
  }
}

const unescaped = (text: string): string => {
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return text
  }
}
