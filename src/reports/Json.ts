/**
 * An experiment as one JSON document.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Experiment from "../Experiment.ts"

const Text = Schema.fromJsonString(Experiment.schema())

/**
 * The whole experiment: what `Experiment.schema()` writes, and reads again.
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (experiment: Experiment.Experiment): string => Schema.encodeSync(Text)(experiment)
