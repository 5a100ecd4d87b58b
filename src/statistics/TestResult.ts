/**
 * Outcomes of significance tests.
 *
 * @since 0.1.0
 */

/**
 * A test that the data decide.
 *
 * @category models
 * @since 0.1.0
 */
export interface DefinedTestResult {
  /** What the test says it is. */
  readonly statistic: number
  /** Two-sided: how probable a statistic at least as extreme is, if there is no difference. Between 0 and 1. */
  readonly pValue: number
  readonly reason?: undefined
}

/**
 * A test that the data do not decide, and why.
 *
 * @category models
 * @since 0.1.0
 */
export interface UndefinedTestResult {
  readonly statistic: undefined
  readonly pValue: undefined
  /** Why there is no result. */
  readonly reason: string
}

/**
 * The outcome of a significance test. Where `pValue` is there, so is `statistic`; where it is not, `reason` says why.
 *
 * @category models
 * @since 0.1.0
 */
export type TestResult = DefinedTestResult | UndefinedTestResult
