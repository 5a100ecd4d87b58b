import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Tracer } from "effect"
import { Dataset, Evaluation, Evaluator } from "../../src/index.ts"
import { Messages } from "../../src/scorers/index.ts"
import { traceable } from "../../src/traceable/index.ts"
import { untraced } from "../support/run.ts"
import { find, names, runOf, turn } from "./support.ts"

const inner = traceable(async (text: string) => {
  await turn()
  return `${text}!`
}, { name: "inner" })

describe("traceable", () => {
  it.live("finds the run after waiting, and nests", () =>
    Effect.gen(function*() {
      const outer = traceable(async function outer(text: string) {
        await turn()
        const first = await inner(text)
        await turn()
        return inner(first)
      })
      const run = yield* runOf(async (text) => {
        await turn()
        const result = await outer(text)
        await turn()
        await inner("b")
        return result
      })
      assert.strictEqual(run.outputs, "a!!")
      assert.deepStrictEqual(names(run), [["outer", ["inner", "inner"]], "inner"])
      const { attributes, endTime, startTime } = find(run, "outer")
      assert.deepStrictEqual(attributes, { inputs: { input: "a" }, outputs: "a!!" })
      assert.isAtLeast(endTime ?? 0, startTime)
    }))

  it.live("keeps rows apart that run at once, and their targets and evaluators", () =>
    Effect.gen(function*() {
      const data = Dataset.fromIterable("many", Array.from({ length: 40 }, (_, n) => ({ inputs: `q${n}` })))
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("many", {
            data,
            target: async (text) => {
              await turn()
              const [one, two] = await Promise.all([inner(text), inner(`${text}-2`)])
              return one + two
            }
          }),
          {
            concurrency: 16,
            evaluators: [
              Evaluator.make("async", async ({ outputs }) => {
                await turn()
                return (await inner(`judge ${outputs}`)).length > 0
              }),
              Evaluator.make("at once", ({ outputs }) => outputs.length > 0),
              Evaluator.make("effect", ({ inputs }) => Effect.promise(() => inner(inputs)).pipe(Effect.as(true)))
            ]
          }
        )
      )
      assert.lengthOf(experiment.rows, 40)
      for (const { evaluations, example, run } of experiment.rows) {
        assert.deepStrictEqual(run.childRuns.map(({ attributes }) => attributes["inputs"]), [
          { input: example.inputs },
          { input: `${example.inputs}-2` }
        ])
        assert.deepStrictEqual(evaluations.map(names), [["inner"], [], ["inner"]])
        assert.deepStrictEqual(evaluations[0]?.childRuns[0]?.attributes["inputs"], { input: `judge ${run.outputs}` })
        assert.deepStrictEqual(evaluations.map(({ outcome }) => outcome._tag), ["Scored", "Scored", "Scored"])
      }
    }))

  it.live("belongs to the span of the effect that calls it", () =>
    Effect.gen(function*() {
      const run = yield* runOf((text) =>
        Effect.gen(function*() {
          yield* Effect.sleep("1 millis")
          const one = yield* Effect.promise(() => inner(text)).pipe(Effect.withSpan("first"))
          yield* Effect.promise(async () => {
            await turn()
            return inner(one)
          }).pipe(Effect.withSpan("second"))
          return yield* Effect.promise(() => inner("c"))
        })
      )
      // After it has waited, promise code within an effect knows the run, but not the effect's span.
      assert.deepStrictEqual(names(run), [["first", ["inner"]], "second", "inner", "inner"])
    }))

  it.live("fails as the function does", () =>
    Effect.gen(function*() {
      class Broken extends Error {}
      const rejecting = traceable(async () => {
        await turn()
        throw new Broken("later")
      }, { name: "rejecting" })
      const throwing = traceable((): string => {
        throw new Broken("at once")
      }, { name: "throwing" })
      const aborted = traceable(async () => {
        throw new DOMException("stop", "AbortError")
      }, { name: "aborted" })
      const run = yield* runOf(async () => {
        const caught: Array<unknown> = []
        for (const f of [rejecting, throwing, aborted]) {
          try {
            await f()
          } catch (error) {
            caught.push(error instanceof Broken)
          }
        }
        return caught
      })
      assert.deepStrictEqual(run.outputs, [true, true, false])
      assert.deepStrictEqual(run.childRuns.map(({ error }) => error), ["Error: later", "Error: at once", "interrupted"])
    }))

  it.live("gathers streams and generators, and gives them on as they are", () =>
    Effect.gen(function*() {
      const words = traceable(async function* words(text: string) {
        yield text
        await turn()
        yield* [" and ", await inner("more")]
      })
      const counting = traceable(function* counting() {
        yield 1
        yield 2
        return 3
      }, { aggregator: (chunks) => chunks.length })
      const readable = traceable(async () => new Blob(["bytes"]).stream(), {
        name: "readable",
        aggregator: (chunks) => Buffer.concat(chunks as Array<Uint8Array>).toString()
      })
      const broken = traceable(async function* broken() {
        yield "part"
        throw new Error("broke off")
      })
      const run = yield* runOf(async (text) => {
        const all: Array<string> = []
        for await (const word of words(text)) {
          await turn()
          all.push(word)
        }
        for await (const word of words("left")) {
          all.push(word)
          break
        }
        const counted = [...counting()]
        const bytes = await new Response(await readable()).text()
        const rest: Array<string> = []
        try {
          for await (const word of broken()) rest.push(word)
        } catch (error) {
          rest.push(String(error))
        }
        return { all, counted, bytes, rest }
      })
      assert.deepStrictEqual(run.outputs, {
        all: ["a", " and ", "more!", "left"],
        counted: [1, 2],
        bytes: "bytes",
        rest: ["part", "Error: broke off"]
      })
      assert.deepStrictEqual(names(run), [["words", ["inner"]], "words", "counting", "readable", "broken"])
      const [whole, left, counted, bytes, cut] = run.childRuns
      assert.strictEqual(whole?.attributes["outputs"], "a and more!")
      assert.deepStrictEqual([left?.attributes["outputs"], left?.attributes["traceable.stream_left_early"]], [
        "left",
        true
      ])
      assert.isUndefined(left?.error)
      assert.strictEqual(counted?.attributes["outputs"], 2)
      assert.strictEqual(bytes?.attributes["outputs"], "bytes")
      assert.deepStrictEqual([cut?.error, cut?.attributes["outputs"]], ["Error: broke off", "part"])
      assert.isTrue(run.childRuns.every(({ endTime }) => endTime !== undefined))
    }))

  it.live("keeps what it is told to keep, and a look that throws costs the call nothing", () =>
    Effect.gen(function*() {
      const secret = traceable(
        async (user: { readonly name: string; readonly password: string }) => `hello ${user.name}`,
        {
          name: "secret",
          attributes: { prompt: "v2" },
          processInputs: ({ name }) => ({ name }),
          processOutputs: () => undefined
        }
      )
      const clumsy = traceable(async (n: number) => n, {
        name: "clumsy",
        processInputs: () => {
          throw new Error("no")
        }
      })
      const nothing = traceable(async () => 1, { name: "nothing" })
      const several = traceable(async (a: number, b: ReadonlyArray<number>) => [a, ...b], { name: "several" })
      const run = yield* runOf(async () => {
        await secret({ name: "Ada", password: "123" })
        await clumsy(1)
        await nothing()
        return several(1, [2])
      })
      assert.deepStrictEqual(run.childRuns.map(({ attributes }) => attributes), [
        { prompt: "v2", inputs: { name: "Ada" } },
        { "traceable.error": "no", outputs: 1 },
        { inputs: {}, outputs: 1 },
        { inputs: { args: [1, [2]] }, outputs: [1, 2] }
      ])
    }))

  it.live("is seen by evaluators of tool calls", () =>
    Effect.gen(function*() {
      const search = traceable(async ({ query }: { readonly query: string }) => [query], {
        name: "search",
        runType: "tool"
      })
      const run = yield* runOf(async (query) => {
        await turn()
        return (await search({ query })).length
      })
      assert.strictEqual(run.childRuns[0]?.runType, "tool")
      assert.deepStrictEqual(Messages.callsOfRun(run), [{ name: "search", arguments: { query: "a" } }])
    }))

  it("is only called where nothing is traced, keeps its name and its this", async () => {
    const counter = {
      count: 1,
      add: traceable(function add(this: { count: number }, n: number) {
        this.count += n
        return this.count
      })
    }
    assert.strictEqual(counter.add(2), 3)
    assert.strictEqual(counter.add.name, "add")
    assert.strictEqual(await inner("x"), "x!")
  })

  it.live("joins the spans of an app that evaluates nothing", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [string, string | undefined]> = []
      const tracer = Tracer.make({
        span(options) {
          const span = new Tracer.NativeSpan(options)
          seen.push([
            options.name,
            options.parent._tag === "Some" && options.parent.value._tag === "Span"
              ? options.parent.value.name
              : undefined
          ])
          return span
        }
      })
      const outer = traceable(async (text: string) => {
        await turn()
        return inner(text)
      }, { name: "outer" })
      const exit = yield* Effect.promise(() => outer("a")).pipe(
        Effect.withSpan("request"),
        Effect.withTracer(tracer),
        Effect.exit
      )
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(seen, [["request", undefined], ["outer", "request"], ["inner", "outer"]])
    }))

  it.live("leaves no trace with runTrees off", () =>
    Effect.gen(function*() {
      const run = yield* runOf(async (text) => {
        await turn()
        return inner(text)
      }, { runTrees: false })
      assert.strictEqual(run.outputs, "a!")
      assert.deepStrictEqual(run.childRuns, [])
    }))
})
