/** Ways to draw samples from data: row by row, or group by group. */
import { CompensatedSum } from "../Sums.ts"
import type { Clusters } from "../Values.ts"
import { seeded } from "./generator.ts"
import { groupBy, groupSizes, groupSums } from "./groups.ts"
import { spread } from "./spread.ts"

/** A statistic of one or more columns of numbers; `undefined` where the sample does not determine it. */
export type ColumnStatistic = (columns: ReadonlyArray<Float64Array>) => number | undefined

/** What a bootstrap needs to know about the data. */
export interface Resampler {
  /** How many things are drawn: rows or groups. */
  readonly units: number
  /** The statistic of one more sample with replacement. */
  readonly draw: () => number | undefined
  /**
   * How much the statistic without a part of the data differs from their average, for each of the parts: what the
   * acceleration is computed from. `undefined` if a part leaves the statistic undefined.
   */
  readonly influences: () => Float64Array | undefined
}

/** The mean of independent values, without a copy per sample. */
export const resampleMean = (values: Float64Array, mean: number, seed: number | string): Resampler => {
  const generator = seeded(seed)
  const count = values.length
  const { largest, smallest } = spread("values", values)
  const indexes = new Uint32Array(count)
  return {
    units: count,
    draw: () => {
      generator.draw(indexes, count)
      // Spelled out: a method call per number would double the time.
      let sum = 0
      let lost = 0
      for (let i = 0; i < count; i++) {
        const x = values[indexes[i]!]!
        const next = sum + x
        lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum
        sum = next
      }
      // A mean lies among the values, which rounding need not respect.
      return Math.min(largest, Math.max(smallest, (sum + lost) / count))
    },
    // Without `x` the mean is `(count * mean - x) / (count - 1)`; the factor cancels out of the acceleration.
    influences: () => values.map((x) => x - mean)
  }
}

/** The mean of values that are drawn group by group: a sample is so many sums and sizes. */
export const resampleClusteredMean = (values: Float64Array, clusters: Clusters, seed: number | string): Resampler => {
  const generator = seeded(seed)
  const groups = groupBy(clusters)
  const sums = groupSums(groups, (i) => values[i]!)
  const sizes = groupSizes(groups)
  const { largest, smallest } = spread("values", values)
  const indexes = new Uint32Array(groups.count)
  return {
    units: groups.count,
    draw: () => {
      generator.draw(indexes, groups.count)
      const total = new CompensatedSum()
      let size = 0
      for (const group of indexes) {
        total.add(sums[group]!)
        size += sizes[group]!
      }
      return Math.min(largest, Math.max(smallest, total.value / size))
    },
    influences: () => {
      const total = new CompensatedSum()
      for (const sum of sums) total.add(sum)
      return centred(sums.map((sum, group) => (total.value - sum) / (values.length - sizes[group]!)))
    }
  }
}

/** Any statistic, of rows or of groups of rows. */
export const resampleRows = (
  columns: ReadonlyArray<Float64Array>,
  statistic: ColumnStatistic,
  clusters: Clusters | undefined,
  seed: number | string
): Resampler => {
  const generator = seeded(seed)
  const rows = columns[0]?.length ?? 0
  const members = membersOf(rows, clusters)
  const indexes = new Uint32Array(members.units)
  const sample = new Sample(columns)
  return {
    units: members.units,
    draw: () => {
      generator.draw(indexes, members.units)
      sample.clear()
      for (const unit of indexes) {
        for (let i = members.starts[unit]!; i < members.starts[unit + 1]!; i++) sample.add(members.rows[i]!)
      }
      return statistic(sample.columns())
    },
    influences: () => {
      // Leaving out one in so many parts measures the same skewness; with every row a part, it would take O(n^2).
      const parts = Math.min(members.units, mostParts)
      const estimates = new Float64Array(parts)
      for (let part = 0; part < parts; part++) {
        sample.clear()
        for (let unit = 0; unit < members.units; unit++) {
          if (unit % parts === part) continue
          for (let i = members.starts[unit]!; i < members.starts[unit + 1]!; i++) sample.add(members.rows[i]!)
        }
        const estimate = statistic(sample.columns())
        if (estimate === undefined || !Number.isFinite(estimate)) return undefined
        estimates[part] = estimate
      }
      return centred(estimates)
    }
  }
}

const mostParts = 1000

const centred = (estimates: Float64Array): Float64Array => {
  const total = new CompensatedSum()
  for (const estimate of estimates) total.add(estimate)
  const mean = total.value / estimates.length
  return estimates.map((estimate) => mean - estimate)
}

/** The rows of unit `u` are `rows[starts[u]]` to before `rows[starts[u + 1]]`. */
interface Members {
  readonly units: number
  readonly starts: Uint32Array
  readonly rows: Uint32Array
}

const membersOf = (count: number, clusters: Clusters | undefined): Members => {
  if (clusters === undefined) {
    return {
      units: count,
      starts: Uint32Array.from({ length: count + 1 }, (_, i) => i),
      rows: Uint32Array.from({ length: count }, (_, i) => i)
    }
  }
  const { count: units, groupOf } = groupBy(clusters)
  const starts = new Uint32Array(units + 1)
  for (const group of groupOf) starts[group + 1]! += 1
  for (let unit = 0; unit < units; unit++) starts[unit + 1]! += starts[unit]!
  const next = starts.slice()
  const rows = new Uint32Array(count)
  for (let row = 0; row < count; row++) {
    const group = groupOf[row]!
    rows[next[group]!] = row
    next[group]! += 1
  }
  return { units, starts, rows }
}

/** Rows copied from the data, in memory that is used again for the next sample. */
class Sample {
  readonly #source: ReadonlyArray<Float64Array>
  #buffers: Array<Float64Array<ArrayBuffer>>
  #size = 0

  constructor(source: ReadonlyArray<Float64Array>) {
    this.#source = source
    this.#buffers = source.map((column) => new Float64Array(column.length))
  }

  clear(): void {
    this.#size = 0
  }

  add(row: number): void {
    if (this.#size === this.#buffers[0]!.length) this.#grow()
    for (let i = 0; i < this.#source.length; i++) this.#buffers[i]![this.#size] = this.#source[i]![row]!
    this.#size++
  }

  columns(): ReadonlyArray<Float64Array> {
    return this.#buffers.map((buffer) => buffer.subarray(0, this.#size))
  }

  /** A sample of large groups can have more rows than the data. */
  #grow(): void {
    this.#buffers = this.#buffers.map((buffer) => {
      const larger = new Float64Array(buffer.length * 2)
      larger.set(buffer)
      return larger
    })
  }
}
