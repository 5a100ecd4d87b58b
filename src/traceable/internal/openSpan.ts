/** Spans for promise code: opened below whatever is current, and ended by hand. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { currentContext, within } from "../../internal/engine/asyncScope.ts"

export interface OpenSpan {
  readonly span: Tracer.Span
  /** Calls a function below the span. */
  readonly within: <A>(f: () => A) => A
  /** Ends the span; only the first call counts. */
  readonly succeed: () => void
  readonly fail: (error: unknown) => void
}

/** Opens a span below the current one; nothing where there is neither a span nor a tracer that would want one. */
export const openSpan = (name: string, kind: Tracer.SpanKind): OpenSpan | undefined => {
  const context = currentContext()
  if (context === undefined || !Context.get(context, References.TracerEnabled)) return undefined
  const tracer = Context.get(context, Tracer.Tracer)
  const parent = Context.getOption(context, Tracer.ParentSpan)
  if (Option.isNone(parent) && tracer === Tracer.nativeTracer) return undefined
  const clock = Context.get(context, Clock.Clock)
  const span = tracer.span({
    name,
    parent,
    annotations: Context.empty(),
    links: [],
    startTime: clock.currentTimeNanosUnsafe(),
    kind,
    root: false,
    sampled: Option.isNone(parent) || parent.value.sampled
  })
  const below = Context.add(context, Tracer.ParentSpan, span)
  let ended = false
  const end = (exit: Exit.Exit<unknown, unknown>) => {
    if (ended) return
    ended = true
    span.end(clock.currentTimeNanosUnsafe(), exit)
  }
  return {
    span,
    within: (f) => within(below, f),
    succeed: () => end(Exit.void),
    // What a promise is rejected with is its failure; an abort was asked for.
    fail: (error) => end(isAbort(error) ? Exit.failCause(Cause.interrupt()) : Exit.fail(error))
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError"
