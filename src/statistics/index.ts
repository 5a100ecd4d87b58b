/**
 * Statistics for evaluations: estimates, intervals, tests, agreement, classification, correlation and ratings, as plain
 * functions of numbers.
 *
 * **What is undefined stays undefined.** A mean of nothing, a standard deviation of one value, a correlation with a
 * constant are `undefined`, and the documentation says when and why. Intervals, tests and ratings are objects all the
 * same, with a `reason` in place of the numbers. Nothing is ever NaN, and nothing is 0 for want of data.
 *
 * **Wrong arguments throw.** Columns of different lengths, a level of 95, a score that is NaN are mistakes of the
 * program, not findings: they throw a `RangeError` that says which argument is wrong, where, and what it has to be.
 *
 * **Numbers hold.** Sums are compensated, quantiles and tails come from `@stdlib`, which keeps its digits far out, and
 * whatever involves chance takes a seed, so that it comes out the same everywhere.
 *
 * Every module can be imported by itself, such as `effect-evals/statistics/Wilson`; importing one does nothing but load
 * what it needs.
 *
 * @since 0.1.0
 */
export * from "./Bootstrap.ts"
export * from "./BradleyTerry.ts"
export * from "./Calibration.ts"
export * from "./Classification.ts"
export * from "./ClopperPearson.ts"
export * from "./ClusteredErrors.ts"
export * from "./CohenKappa.ts"
export * from "./ConfusionMatrix.ts"
export * from "./Correlation.ts"
export * from "./Elo.ts"
export * from "./ExactBootstrap.ts"
export * from "./FleissKappa.ts"
export * from "./Interval.ts"
export * from "./Kendall.ts"
export * from "./Krippendorff.ts"
export * from "./MajorityVote.ts"
export * from "./Matches.ts"
export * from "./McNemar.ts"
export * from "./MeanIntervals.ts"
export * from "./Moments.ts"
export * from "./MultipleComparisons.ts"
export * from "./Normal.ts"
export * from "./PairedDifference.ts"
export * from "./PassAtK.ts"
export * from "./Percentiles.ts"
export * from "./PermutationTests.ts"
export * from "./Power.ts"
export * from "./QuantileSketch.ts"
export * from "./Ranks.ts"
export * from "./RepeatedSamples.ts"
export * from "./Retrieval.ts"
export * from "./RunningMoments.ts"
export * from "./SignTest.ts"
export * from "./StudentT.ts"
export * from "./Sums.ts"
export * from "./TestResult.ts"
export * from "./Thresholds.ts"
export * from "./Values.ts"
export * from "./Wilcoxon.ts"
export * from "./Wilson.ts"
