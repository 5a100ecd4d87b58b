/** What the standard error of a mean is made of where values come in clusters, kept while the clusters go by. */

/**
 * Takes the sum and the number of the values of each cluster, and gives the clustered standard error (CR1) of the mean of
 * all values: `sqrt(G / (G - 1) * sum (s_g - m n_g)^2) / N` for `G` clusters with sums `s_g` and sizes `n_g`, `N` values
 * and their mean `m`. Source: K.-Y. Liang and S. L. Zeger, "Longitudinal data analysis using generalized linear models"
 * (1986).
 *
 * The squares are put together from the centred sums of squares and products of the two, which are updated as they come,
 * since the mean is only known at the end. (The residuals add up to 0, so centring leaves out nothing.)
 */
export class ClusterSums {
  clusters = 0
  #values = 0
  #meanSum = 0
  #meanSize = 0
  #sumSum = 0
  #sumSize = 0
  #sizeSize = 0

  add(sum: number, size: number): void {
    this.clusters++
    this.#values += size
    const sumDeviation = sum - this.#meanSum
    const sizeDeviation = size - this.#meanSize
    this.#meanSum += sumDeviation / this.clusters
    this.#meanSize += sizeDeviation / this.clusters
    this.#sumSum += sumDeviation * (sum - this.#meanSum)
    this.#sumSize += sumDeviation * (size - this.#meanSize)
    this.#sizeSize += sizeDeviation * (size - this.#meanSize)
  }

  /** `undefined` for fewer than two clusters. */
  get standardError(): number | undefined {
    if (this.clusters < 2) return undefined
    const mean = this.#meanSum / this.#meanSize
    const squares = this.#sumSum - 2 * mean * this.#sumSize + mean * mean * this.#sizeSize
    return Math.sqrt(Math.max(0, squares) * this.clusters / (this.clusters - 1)) / this.#values
  }
}
