/** Feedback on whole experiments. */
import type * as Experiment from "../../Experiment.ts"
import { toJson } from "../../internal/values/json.ts"
import type { Privacy } from "./privacy.ts"

/** What the summary evaluators said, as feedback on the experiment. One that failed is feedback that says so. */
export const summaryFeedback = (
  outcomes: ReadonlyArray<Experiment.SummaryOutcome>,
  sessionId: string,
  privacy: Privacy,
  newId: () => string,
  time: string
): ReadonlyArray<unknown> =>
  outcomes.flatMap(({ error, evaluator, results }): ReadonlyArray<unknown> => {
    const common = { created_at: time, modified_at: time, run_id: null, session_id: sessionId }
    if (error !== undefined) {
      return [{
        id: newId(),
        ...common,
        key: evaluator,
        score: null,
        value: null,
        comment: privacy.text(error),
        feedback_source: { type: "api", metadata: {} },
        extra: { error: true },
        error: true
      }]
    }
    return results.map((result) => ({
      id: newId(),
      ...common,
      key: result.key,
      score: result.score ?? null,
      value: result.value === undefined ? null : privacy.data(toJson(result.value)),
      comment: result.comment === undefined ? null : privacy.text(result.comment),
      correction: result.correction === undefined || result.correction === null
        ? null
        : privacy.outputs(toJson(result.correction)),
      feedback_source: {
        type: "api",
        metadata: result.evaluatorInfo === undefined ? {} : privacy.metadata(toJson(result.evaluatorInfo))
      },
      feedback_config: result.feedbackConfig ?? null,
      extra: result.extra ?? null
    }))
  })
