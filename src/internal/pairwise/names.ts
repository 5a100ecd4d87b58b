/** Names that tell the experiments apart: of several with the same name, the later ones have a number. */
export const distinctNames = (experiments: ReadonlyArray<{ readonly name: string }>): ReadonlyArray<string> =>
  experiments.map(({ name }, i) => {
    const before = experiments.slice(0, i).filter((other) => other.name === name).length
    return before === 0 ? name : `${name} (${before + 1})`
  })
