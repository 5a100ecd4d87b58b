/**
 * The rows of an experiment as JSON, one a line, for programs that read them.
 *
 * @since 0.1.0
 */
import * as Stream from "effect/Stream"
import type * as Experiment from "../Experiment.ts"
import { rowText } from "../internal/journal/rowText.ts"
import type * as Row from "../Row.ts"

/**
 * The rows as a text, a line for each in input order, with everything they have: example, run with its attempts and its
 * tree, and every evaluation. A line is what `Experiment.schema()` has for a row, without the experiment around it. Where
 * there was one attempt, which took as long as the run, it is left out.
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (experiment: Pick<Experiment.Experiment, "rows">): string => experiment.rows.map(line).join("")

/**
 * The same from a stream of rows, such as a store gives.
 *
 * @category reports
 * @since 0.1.0
 */
export const rows = <E, R>(rows: Stream.Stream<Row.Row, E, R>): Stream.Stream<string, E, R> => Stream.map(rows, line)

const line = (row: Row.Row): string => `${rowText(row)}\n`
