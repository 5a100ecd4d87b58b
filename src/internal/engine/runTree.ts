/**
 * Collects the spans that user code opens into the tree of its run, beside whatever tracer the app uses: every span is
 * passed on to that tracer, and whatever the tracer does with it stays as it is. Fibers forked below a run inherit the
 * tracer, so their spans join the tree.
 */
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type * as Outcome from "../../Outcome.ts"
import type * as Run from "../../Run.ts"
import { causeLine } from "../values/causes.ts"
import { tellOutcome } from "./evaluationTelemetry.ts"

/** Spans of one run that are kept; a run that opens more says how many were left out. */
export const maxSpans = 10_000

/** The root of one run: what the spans below it add themselves to. */
interface Root {
  /** The run; evaluators have none. */
  readonly run: Judged | undefined
  kept: number
  dropped: number
}

/** A span that keeps what it is told, and tells the app's tracer. */
class RunSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly name: string
  readonly parent: Option.Option<Tracer.AnySpan>
  readonly annotations: Context.Context<never>
  readonly links: ReadonlyArray<Tracer.SpanLink>
  readonly sampled: boolean
  readonly kind: Tracer.SpanKind
  readonly inner: Tracer.Span
  readonly root: Root
  readonly startTime: bigint
  status: Tracer.SpanStatus
  children: Array<RunSpan> | undefined
  events: Array<Run.RunEvent> | undefined

  constructor(inner: Tracer.Span, parent: Option.Option<Tracer.AnySpan>, startTime: bigint, root: Root) {
    this.name = inner.name
    this.parent = parent
    this.annotations = inner.annotations
    this.links = inner.links
    this.sampled = inner.sampled
    this.kind = inner.kind
    this.inner = inner
    this.root = root
    this.startTime = startTime
    this.status = { _tag: "Started", startTime }
    this.children = undefined
    this.events = undefined
  }

  get spanId(): string {
    return this.inner.spanId
  }

  get traceId(): string {
    return this.inner.traceId
  }

  get attributes(): ReadonlyMap<string, unknown> {
    return this.inner.attributes
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    if (this.status._tag === "Ended") return
    this.status = { _tag: "Ended", startTime: this.startTime, endTime, exit }
    this.inner.end(endTime, exit)
  }

  attribute(key: string, value: unknown): void {
    this.inner.attribute(key, value)
  }

  event(name: string, time: bigint, attributes?: Record<string, unknown>): void {
    this.events ??= []
    this.events.push({ name, time: toMillis(time), attributes: attributes ?? {} })
    this.inner.event(name, time, attributes)
  }

  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    this.inner.addLinks(links)
  }
}

/** The tracer that collects: spans below a run join its tree, all others go to the app's tracer untouched. */
export const collectingTracer = (app: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({
    ...(app.context === undefined ? {} : { context: app.context.bind(app) }),
    span(options) {
      const parent = Option.getOrUndefined(options.parent)
      if (!(parent instanceof RunSpan)) return app.span(options)
      const inner = app.span({ ...options, parent: Option.some(parent.inner) })
      const span = new RunSpan(inner, options.parent, options.startTime, parent.root)
      if (parent.root.kept < maxSpans) {
        parent.root.kept++
        parent.children ??= []
        parent.children.push(span)
      } else parent.root.dropped++
      return span
    }
  })

/** One member of the way from a run to a span below it. */
export interface Step {
  /** The id of the run, or of a span. */
  readonly id: string
  readonly isRun: boolean
  /** Milliseconds since 1970, with fractions, as in the tree. */
  readonly startTime: number
}

/** The way from the run that a span is below to the span itself; `undefined` where it is below none. */
export const pathFromRun = (span: Tracer.AnySpan): ReadonlyArray<Step> | undefined => {
  if (!(span instanceof RunSpan) || span.root.run === undefined) return undefined
  const { run } = span.root
  const steps: Array<Step> = []
  for (let at: Tracer.AnySpan | undefined = span; at instanceof RunSpan; at = Option.getOrUndefined(at.parent)) {
    const above: Tracer.AnySpan | undefined = Option.getOrUndefined(at.parent)
    const isRun = !(above instanceof RunSpan) || above.root !== at.root
    steps.unshift(
      isRun
        ? { id: run.id, isRun, startTime: run.startTime }
        : { id: at.spanId, isRun, startTime: toMillis(at.startTime) }
    )
    if (isRun) break
  }
  return steps
}

/** The span of one run of user code. */
export interface RunScope<R> {
  /** The context to run the code in. */
  readonly context: Context.Context<R>
  /** Ends the span and gives the tree below it. */
  readonly end: (endTime: bigint, exit: Exit.Exit<unknown, unknown>, outcome?: Outcome.Outcome) => Tree
  /** Says which run it was, so that its evaluators are found below it. */
  readonly ran: (run: Run.Run) => void
}

export interface Tree {
  readonly childRuns: ReadonlyArray<Run.ChildRun>
  readonly usage: Run.Usage | undefined
  readonly dropped: number
}

/** The tree of a run that opened no spans. */
export const emptyTree: Tree = Object.freeze({ childRuns: Object.freeze([]), usage: undefined, dropped: 0 })

/** How runs are traced: with trees, or only for the app's tracer. */
export interface RunTracer<R> {
  /** Whether it is told which fiber is at work, as tracers are that keep the current span for code that is no effect. */
  readonly followsFibers: boolean
  /** Begins the span of a run, of which the id is known, or of an evaluator of a run. */
  readonly start: (
    name: string,
    startTime: bigint,
    planned: Traced | undefined,
    of: Judged
  ) => RunScope<R>
  /** A span for an evaluator that has run already and can have opened none: only an app's tracer wants to know. */
  readonly mark: (
    name: string,
    startMillis: number,
    endMillis: number,
    exit: Exit.Exit<unknown, unknown>,
    outcome: Outcome.Outcome,
    of: Judged
  ) => void
}

/** A run: the one that is traced, or the one that an evaluator judges. */
type Judged = Pick<Run.Run, "id" | "startTime">

export interface Traced {
  readonly example: { readonly id: string }
  readonly repetition: number
}

/** The way to trace runs; none if nobody wants to know, which then costs nothing. */
export const makeRunTracer = <R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  context: Context.Context<R>,
  collect: boolean,
  prices: Prices,
  experiment: { readonly id: string; readonly name: string }
): RunTracer<R> | undefined => {
  const app = fiber.cache.tracer
  if (!fiber.cache.tracerEnabled || (!collect && app === undefined)) return undefined
  const tracer = app ?? Tracer.nativeTracer
  const runContext = collect ? Context.add(context, Tracer.Tracer, collectingTracer(tracer)) : context
  const parent = Option.fromNullishOr(fiber.cache.span)
  // Evaluators are below the run that they judge, although its span has ended by then: so they are found in its trace.
  const spans = app === undefined ? undefined : new WeakMap<Judged, Tracer.Span>()
  const open = (name: string, startTime: bigint, judged: Judged | undefined) => {
    const above = judged === undefined ? undefined : spans?.get(judged)
    const below = above === undefined ? parent : Option.some(above)
    const span = tracer.span({
      name,
      parent: below,
      annotations: Context.empty(),
      links: [],
      startTime,
      kind: "internal",
      root: false,
      sampled: Option.isNone(below) || below.value.sampled
    })
    if (app !== undefined) {
      span.attribute("effect_evals.experiment", experiment.name)
      span.attribute("effect_evals.experiment_id", experiment.id)
      if (judged !== undefined) span.attribute("effect_evals.run_id", judged.id)
    }
    return span
  }
  return {
    followsFibers: tracer.context !== undefined,
    start(name, startTime, planned, of) {
      const run = planned === undefined ? undefined : of
      const inner = open(name, startTime, planned === undefined ? of : undefined)
      if (app !== undefined && planned !== undefined) {
        inner.attribute("effect_evals.example_id", planned.example.id)
        inner.attribute("effect_evals.repetition", planned.repetition)
        inner.attribute("effect_evals.run_id", of.id)
      }
      const span = collect ? new RunSpan(inner, inner.parent, startTime, { run, kept: 0, dropped: 0 }) : inner
      return {
        context: Context.add(runContext, Tracer.ParentSpan, span),
        end(endTime, exit, outcome) {
          if (app !== undefined && outcome !== undefined) tellOutcome(inner, name, outcome, endTime)
          span.end(endTime, exit)
          return span instanceof RunSpan ? treeOf(span, prices) : emptyTree
        },
        ran: (run) => void spans?.set(run, inner)
      }
    },
    mark(name, startMillis, endMillis, exit, outcome, judged) {
      if (app === undefined) return
      const endTime = toNanos(endMillis)
      const span = open(name, toNanos(startMillis), judged)
      tellOutcome(span, name, outcome, endTime)
      span.end(endTime, exit)
    }
  }
}

const treeOf = (span: RunSpan, prices: Prices): Tree => {
  if (span.children === undefined) return emptyTree
  const childRuns = span.children.map((child) => toChildRun(child, prices))
  return { childRuns, usage: sumUsage(childRuns), dropped: span.root.dropped }
}

const toChildRun = (span: RunSpan, prices: Prices): Run.ChildRun => {
  const attributes = Object.fromEntries(span.attributes)
  const childRuns = span.children?.map((child) => toChildRun(child, prices)) ?? []
  return {
    id: span.spanId,
    name: span.name,
    runType: runTypeOf(span.name, attributes),
    startTime: toMillis(span.startTime),
    endTime: span.status._tag === "Ended" ? toMillis(span.status.endTime) : undefined,
    error: span.status._tag === "Ended" && Exit.isFailure(span.status.exit)
      ? causeLine(span.status.exit.cause)
      : undefined,
    attributes,
    events: span.events ?? [],
    childRuns,
    // A span that counts for itself has counted what its children did.
    usage: usageOf(attributes, prices) ?? sumUsage(childRuns)
  }
}

const runTypes: ReadonlySet<unknown> = new Set<Run.ChildRun["runType"]>([
  "chain",
  "llm",
  "embedding",
  "tool",
  "retriever"
])

const isRunType = (value: unknown): value is Run.ChildRun["runType"] => runTypes.has(value)

/**
 * As the span itself says in the attribute that LangSmith knows, by OpenTelemetry's GenAI conventions, which `effect/ai`
 * follows, or by the names that `effect/ai` gives.
 */
const runTypeOf = (name: string, attributes: Record<string, unknown>): Run.ChildRun["runType"] => {
  const stated = attributes["langsmith.span.kind"]
  if (isRunType(stated)) return stated
  switch (attributes["gen_ai.operation.name"]) {
    case "chat":
    case "text_completion":
    case "generate_content":
      return "llm"
    case "embeddings":
      return "embedding"
    case "execute_tool":
      return "tool"
  }
  if (name.startsWith("LanguageModel.")) return "llm"
  if (name.startsWith("EmbeddingModel.")) return "embedding"
  return "chain"
}

/** What tokens cost by model, per million. */
export type Prices = { readonly [model: string]: { readonly inputTokens: number; readonly outputTokens: number } }

const usageOf = (attributes: Record<string, unknown>, prices: Prices): Run.Usage | undefined => {
  const input = attributes["gen_ai.usage.input_tokens"]
  const output = attributes["gen_ai.usage.output_tokens"]
  if (typeof input !== "number" && typeof output !== "number") return undefined
  const inputTokens = Number(input ?? 0)
  const outputTokens = Number(output ?? 0)
  const stated = attributes["gen_ai.usage.cost"]
  if (typeof stated === "number") return { inputTokens, outputTokens, cost: stated }
  const price = priceOf(attributes["gen_ai.response.model"], prices) ??
    priceOf(attributes["gen_ai.request.model"], prices)
  return price === undefined
    ? { inputTokens, outputTokens }
    : { inputTokens, outputTokens, cost: (inputTokens * price.inputTokens + outputTokens * price.outputTokens) / 1e6 }
}

const priceOf = (model: unknown, prices: Prices): Prices[string] | undefined =>
  typeof model === "string" && Object.hasOwn(prices, model) ? prices[model] : undefined

const sumUsage = (children: ReadonlyArray<Run.ChildRun>): Run.Usage | undefined => {
  const usages = children.flatMap(({ usage }) => usage === undefined ? [] : [usage])
  if (usages.length === 0) return undefined
  let inputTokens = 0
  let outputTokens = 0
  let cost: number | undefined = 0
  for (const usage of usages) {
    inputTokens += usage.inputTokens
    outputTokens += usage.outputTokens
    // A sum of some of the costs would look like all of them.
    cost = cost === undefined || usage.cost === undefined ? undefined : cost + usage.cost
  }
  return cost === undefined ? { inputTokens, outputTokens } : { inputTokens, outputTokens, cost }
}

const toMillis = (nanos: bigint): number => Number(nanos) / 1e6

const toNanos = (millis: number): bigint => BigInt(Math.round(millis * 1e6))
