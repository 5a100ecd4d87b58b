/** Newton's method for the Bradley-Terry likelihood, which is concave. */
import { CompensatedSum } from "../Sums.ts"

type Table = ReadonlyArray<ReadonlyArray<number>>

const mostSteps = 200
const tolerance = 1e-13

/** The strengths (log odds, mean 0) that make the wins most probable, and their variances. */
export const fitBradleyTerry = (wins: Table): {
  readonly strengths: Float64Array
  readonly variances: Float64Array
} => {
  const count = wins.length
  let strengths = new Float64Array(count)
  let likelihood = logLikelihood(wins, strengths)
  for (let i = 0; i < mostSteps; i++) {
    const step = solve(factorize(information(wins, strengths).matrix), gradient(wins, strengths))
    let size = 1
    let next = strengths
    let nextLikelihood = -Infinity
    // A full step may go too far while the strengths are still far off.
    while (size > 1e-10) {
      next = strengths.map((strength, j) => strength + size * step[j]!)
      nextLikelihood = logLikelihood(wins, next)
      if (nextLikelihood >= likelihood - Math.abs(likelihood) * 1e-14) break
      size /= 2
    }
    strengths = next
    likelihood = nextLikelihood
    if (step.every((change) => Math.abs(change) < tolerance)) break
  }
  const mean = strengths.reduce((sum, strength) => sum + strength, 0) / count
  const { added, matrix } = information(wins, strengths)
  const factor = factorize(matrix)
  const variances = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const unit = new Float64Array(count)
    unit[i] = 1
    // What was added to make the matrix invertible shows up in the inverse, too.
    variances[i] = Math.max(0, solve(factor, unit)[i]! - 1 / (added * count * count))
  }
  return { strengths: strengths.map((strength) => strength - mean), variances }
}

/** `ln(1 / (1 + e^-advantage))` without overflow. */
const logProbability = (advantage: number): number =>
  advantage > 0 ? -Math.log1p(Math.exp(-advantage)) : advantage - Math.log1p(Math.exp(advantage))

const logLikelihood = (wins: Table, strengths: Float64Array): number => {
  const total = new CompensatedSum()
  for (let i = 0; i < wins.length; i++) {
    for (let j = 0; j < wins.length; j++) {
      const count = wins[i]![j]!
      if (count > 0) total.add(count * logProbability(strengths[i]! - strengths[j]!))
    }
  }
  return total.value
}

const probability = (advantage: number): number => 1 / (1 + Math.exp(-advantage))

const gradient = (wins: Table, strengths: Float64Array): Float64Array =>
  strengths.map((strength, i) => {
    const total = new CompensatedSum()
    for (let j = 0; j < wins.length; j++) {
      const advantage = strength - strengths[j]!
      // Wins less those expected, written so that a sure win cancels nothing.
      total.add(wins[i]![j]! * probability(-advantage) - wins[j]![i]! * probability(advantage))
    }
    return total.value
  })

/**
 * The Fisher information. All strengths may grow by the same, so it is singular; a constant added to all elements mends
 * that, and does not change a step whose elements add up to 0.
 */
const information = (wins: Table, strengths: Float64Array): {
  readonly matrix: ReadonlyArray<Float64Array>
  readonly added: number
} => {
  const count = wins.length
  const matrix = Array.from({ length: count }, () => new Float64Array(count))
  let trace = 0
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (i === j) continue
      const advantage = strengths[i]! - strengths[j]!
      const weight = (wins[i]![j]! + wins[j]![i]!) * probability(advantage) * probability(-advantage)
      matrix[i]![i]! += weight
      matrix[i]![j]! -= weight
      trace += weight
    }
  }
  const added = trace / count / count
  for (const row of matrix) for (let j = 0; j < count; j++) row[j]! += added
  return { matrix, added }
}

/** The lower factor of a positive definite matrix (A.-L. Cholesky, 1910). */
const factorize = (matrix: ReadonlyArray<Float64Array>): ReadonlyArray<Float64Array> => {
  const factor = matrix.map((row) => new Float64Array(row.length))
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!
      for (let k = 0; k < j; k++) rest -= factor[i]![k]! * factor[j]![k]!
      factor[i]![j] = i === j ? Math.sqrt(Math.max(rest, Number.MIN_VALUE)) : rest / factor[j]![j]!
    }
  }
  return factor
}

const solve = (factor: ReadonlyArray<Float64Array>, right: Float64Array): Float64Array => {
  const solution = Float64Array.from(right)
  for (let i = 0; i < solution.length; i++) {
    for (let k = 0; k < i; k++) solution[i]! -= factor[i]![k]! * solution[k]!
    solution[i]! /= factor[i]![i]!
  }
  for (let i = solution.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < solution.length; k++) solution[i]! -= factor[k]![i]! * solution[k]!
    solution[i]! /= factor[i]![i]!
  }
  return solution
}
