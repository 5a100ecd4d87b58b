/**
 * What arguments have to be. A broken promise of the caller is an error of the program, so it throws; what the data
 * leave undefined is not, and is a result.
 *
 * Indexing goes through `!` in this wing: the indexes are loop counters within the length, and a check per element
 * would cost more than the arithmetic.
 */

const fail = (message: string): never => {
  throw new RangeError(message)
}

export const requireFiniteNumber = (name: string, value: number): void => {
  if (!Number.isFinite(value)) fail(`${name} is ${String(value)}, not a finite number`)
}

/** Every element is a number other than NaN and the infinities. */
export const requireFinite = (name: string, values: ArrayLike<number>): void => {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) fail(`${name}[${i}] is ${String(values[i])}, not a finite number`)
  }
}

/** Every element is a number other than NaN: what has an order. */
export const requireOrdered = (name: string, values: ArrayLike<number>): void => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== "number" || Number.isNaN(value)) fail(`${name}[${i}] is ${String(value)}, not a number`)
  }
}

export const requireSameLength = (
  firstName: string,
  first: ArrayLike<unknown>,
  secondName: string,
  second: ArrayLike<unknown>
): void => {
  if (first.length !== second.length) {
    fail(`${firstName} has ${first.length} elements and ${secondName} has ${second.length}: they have to match`)
  }
}

/** No label is NaN, which would be a class of its own. */
export const requireLabels = (name: string, labels: ArrayLike<unknown>): void => {
  for (let i = 0; i < labels.length; i++) {
    if (Number.isNaN(labels[i])) fail(`${name}[${i}] is NaN, which names nothing`)
  }
}

export const requireLevel = (level: number, name = "level"): void => {
  if (!(level > 0 && level < 1)) fail(`${name} is ${level}: it has to lie between 0 and 1`)
}

export const requireProbability = (name: string, probability: number): void => {
  if (!(probability >= 0 && probability <= 1)) fail(`${name} is ${probability}: it has to lie between 0 and 1`)
}

export const requireProbabilities = (name: string, probabilities: ArrayLike<number>): void => {
  for (let i = 0; i < probabilities.length; i++) requireProbability(`${name}[${i}]`, probabilities[i]!)
}

export const requireCount = (name: string, count: number): void => {
  if (!(Number.isSafeInteger(count) && count >= 0)) fail(`${name} is ${count}: it has to be a whole number, 0 or more`)
}

export const requirePositiveCount = (name: string, count: number): void => {
  if (!(Number.isSafeInteger(count) && count > 0)) fail(`${name} is ${count}: it has to be a whole number, 1 or more`)
}

export const requireNonNegative = (name: string, value: number): void => {
  if (!(value >= 0 && value < Infinity)) fail(`${name} is ${value}: it has to be a finite number, 0 or more`)
}

export const requirePositive = (name: string, value: number): void => {
  if (!(value > 0 && value < Infinity)) fail(`${name} is ${value}: it has to be a finite number above 0`)
}

export const requireAtMost = (name: string, value: number, limitName: string, limit: number): void => {
  if (value > limit) fail(`${name} is ${value}, more than ${limitName}, which is ${limit}`)
}

/** Whether an element is `true` or 1 rather than `false` or 0. */
export const isTrueAt = (name: string, values: ArrayLike<boolean | number>, i: number): boolean => {
  const value = values[i]
  if (value === true || value === 1) return true
  return value === false || value === 0
    ? false
    : fail(`${name}[${i}] is ${String(value)}: it has to be true, false, 1 or 0`)
}
