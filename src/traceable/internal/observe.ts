/**
 * Looks at what a function gives without changing it for whoever called: values, promises (of SDKs' own classes as well)
 * and streams, which are handed on as the same objects.
 */
import * as Predicate from "effect/Predicate"

/** Told how a call ended. */
export interface Observer {
  /** It gave a value. */
  readonly done: (value: unknown) => void
  /** It gave a stream, which has ended, or was left before that. */
  readonly streamed: (chunks: ReadonlyArray<unknown>, complete: boolean) => void
  readonly failed: (error: unknown, chunks: ReadonlyArray<unknown>) => void
  /** Calls whatever goes on with the call. */
  readonly within: <A>(f: () => A) => A
}

/** Observes a result, and gives what to return instead: nearly always the same. */
export const observe = (result: unknown, observer: Observer): unknown => {
  if (result instanceof Promise) return observePromise(result, observer)
  if (Predicate.isPromiseLike(result)) return observeThenable(result, observer)
  return settled(result, observer)
}

/** A value that is there: a stream goes on, everything else has ended. */
const settled = (value: unknown, observer: Observer): unknown => {
  if (isReadable(value)) return observeReadable(value, observer)
  if (isEventStream(value)) return observeEvents(value, observer)
  if (isAsyncIterable(value)) return observeIterable(value, Symbol.asyncIterator, observer)
  if (isGenerator(value)) return observeIterable(value, Symbol.iterator, observer)
  observer.done(value)
  return value
}

const observePromise = <A>(promise: Promise<A>, observer: Observer): unknown => {
  const own: Record<string, unknown> & Promise<A> = promise as never
  const { asResponse, parse } = own
  if (promise.constructor === Promise || typeof parse !== "function") {
    const observed = promise.then((value) => settled(value, observer), (error: unknown) => {
      observer.failed(error, [])
      throw error
    })
    // A plain promise may be replaced; one of an SDK's own class is needed for its other methods. Streams are observed
    // in place, so the caller gets the same one either way.
    if (promise.constructor === Promise) return observed
    observed.catch(() => undefined)
    return promise
  }
  // The clients that are made by Stainless (OpenAI, Anthropic and others) read the answer when they are awaited, by this
  // method, and not if the caller wants the bare response.
  let parsed: Promise<unknown> | undefined
  own["parse"] = () =>
    parsed ??= (parse.call(promise) as Promise<unknown>).then((value) => settled(value, observer), (error: unknown) => {
      observer.failed(error, [])
      throw error
    })
  if (typeof asResponse === "function") {
    own["asResponse"] = () =>
      (asResponse.call(promise) as Promise<unknown>).then((response) => {
        // With `withResponse` the answer is read as well.
        if (parsed === undefined) observer.done(undefined)
        return response
      }, (error: unknown) => {
        observer.failed(error, [])
        throw error
      })
  }
  return promise
}

/** Something with a `then` that may begin its work only when that is called, as query builders do. */
const observeThenable = (thenable: PromiseLike<unknown>, observer: Observer): unknown =>
  new Proxy(thenable, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== "function") return value
      if (key !== "then") return value.bind(target)
      return (onFulfilled?: (value: unknown) => unknown, onRejected?: (error: unknown) => unknown) =>
        observer.within(() =>
          new Promise((resolve, reject) => target.then(resolve, reject))
            .then((value) => settled(value, observer), (error: unknown) => {
              observer.failed(error, [])
              throw error
            })
            .then(onFulfilled, onRejected)
        )
    }
  })

// -----------------------------------------------------------------------------
// streams
// -----------------------------------------------------------------------------

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> & object =>
  typeof value === "object" && Predicate.hasProperty(value, Symbol.asyncIterator) &&
  typeof value[Symbol.asyncIterator] === "function"

/** Lists and maps can be iterated as well, but are there as a whole. */
const isGenerator = (value: unknown): value is Generator =>
  Object.prototype.toString.call(value) === "[object Generator]"

const isReadable = (value: unknown): value is ReadableStream => value instanceof ReadableStream

/** Replaces the steps of a generator, or the iterators that an object makes, by observed ones; the object stays the same. */
const observeIterable = (value: object, symbol: symbol, observer: Observer): unknown => {
  try {
    if (isStepper(value)) {
      const { next, return: leave, throw: raise } = observedSteps(value, symbol, observer)
      // Generators are their own iterators.
      for (const [key, method] of Object.entries({ next, return: leave, throw: raise })) replace(value, key, method)
      return value
    }
    // The streams of OpenAI's client, and of clients like it, make all their iterators by the method `iterator`.
    const key = "iterator" in value && typeof value.iterator === "function" ? "iterator" : symbol
    const make: unknown = Reflect.get(value, key)
    if (typeof make === "function") {
      replace(value, key, () => observedSteps(make.call(value) as Stepper, symbol, observer))
    }
  } catch {
    // A frozen object: nothing can be seen of what comes out of it.
    observer.done(undefined)
  }
  return value
}

const replace = (object: object, key: PropertyKey, method: unknown): void => {
  Object.defineProperty(object, key, { value: method, configurable: true, writable: true })
}

interface Stepper {
  next(...args: Array<unknown>): unknown
  return?(value?: unknown): unknown
  throw?(error?: unknown): unknown
}

const isStepper = (value: object): value is Stepper => "next" in value && typeof value.next === "function"

/** The steps of an iterator, observed. */
const observedSteps = (iterator: Stepper, symbol: symbol, observer: Observer) => {
  const next = iterator.next.bind(iterator)
  const leave = iterator.return?.bind(iterator)
  const raise = iterator.throw?.bind(iterator)
  const chunks: Array<unknown> = []
  const take = (step: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (step.done === true) observer.streamed(chunks, true)
    else chunks.push(step.value)
    return step
  }
  const fail = (error: unknown): never => {
    observer.failed(error, chunks)
    throw error
  }
  const step = (f: () => unknown): unknown => {
    let result: unknown
    try {
      result = observer.within(f)
    } catch (error) {
      return fail(error)
    }
    return Predicate.isPromiseLike(result)
      ? result.then((step) => take(step as IteratorResult<unknown>), fail)
      : take(result as IteratorResult<unknown>)
  }
  const steps = {
    next: (...args: Array<unknown>) => step(() => next(...args)),
    return: (value?: unknown) => {
      observer.streamed(chunks, false)
      if (leave !== undefined) return observer.within(() => leave(value))
      const done = { done: true, value }
      return symbol === Symbol.asyncIterator ? Promise.resolve(done) : done
    },
    throw: (error?: unknown) => raise === undefined ? fail(error) : step(() => raise(error)),
    [symbol]: (): unknown => steps
  }
  return steps
}

/** The streams of the `stream` methods of OpenAI's client, and of clients like it, which tell whoever listens. */
interface EventStream {
  on(event: string, listener: (...args: Array<unknown>) => void): unknown
  readonly errored: boolean
  readonly aborted: boolean
}

const isEventStream = (value: unknown): value is EventStream =>
  Predicate.hasProperty(value, "on") && typeof value.on === "function" &&
  Predicate.hasProperty(value, "errored") && typeof value.errored === "boolean" &&
  Predicate.hasProperty(value, "aborted")

const observeEvents = (stream: EventStream, observer: Observer): EventStream => {
  const chunks: Array<unknown> = []
  // Each of them has one of these.
  for (const event of ["chunk", "event", "streamEvent"]) stream.on(event, (chunk) => void chunks.push(chunk))
  stream.on("end", () => {
    // Listening for errors would make them handled, which is for the caller to say.
    if (stream.errored) observer.failed(new Error("the stream ended with an error"), chunks)
    else observer.streamed(chunks, !stream.aborted)
  })
  return stream
}

const observeReadable = (stream: ReadableStream, observer: Observer): ReadableStream => {
  const chunks: Array<unknown> = []
  const reader = stream.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await observer.within(() => reader.read())
        if (done) {
          observer.streamed(chunks, true)
          controller.close()
        } else {
          chunks.push(value)
          controller.enqueue(value)
        }
      } catch (error) {
        observer.failed(error, chunks)
        controller.error(error)
      }
    },
    async cancel(reason) {
      observer.streamed(chunks, false)
      await reader.cancel(reason)
    }
  })
}
