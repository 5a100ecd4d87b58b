import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { SummaryEvaluator } from "../../src/index.ts"
import { Text } from "../../src/scorers/index.ts"
import { close, judge, scoreOf, summarize } from "./scoring.ts"

const pairs = [
  ["the cat sat on the mat", "the cat is on the mat"],
  ["The quick brown fox jumps over the dog.", "The quick brown fox jumped over the lazy dog."],
  ["It costs $1,234.50, i.e. 5-10% more (they said).", "It cost 1,234.50 dollars: 5-10% more, they said!"],
  ["Grüße aus München – schön & gut &amp; &quot;fein&quot;", "Grüße aus München, schön und gut"],
  ["hello world foo", "hello there foo"],
  ["Hello", "Hello"],
  ["a b", "c d"],
  ["", "a b"],
  ["猫がマットの上に座った。", "猫はマットの上に座っている。"],
  ["the the the the the the the", "the cat is on the mat"]
] as const

/** What sacreBLEU 2 gives for these pairs, in percent, rounded to ten digits after the point. */
const sacreBleu = {
  exp: [
    37.9917842826,
    36.0887722595,
    23.8304125653,
    15.8511656926,
    34.6680637175,
    100,
    0,
    0,
    0,
    7.8098498423
  ],
  floor: [25.4066374077, 36.0887722595, 23.8304125653, 10.6003133795, 14.9380158219, 100, 0, 0, 0, 3.9281465091],
  "add-k": [48.5491771707, 44.9184661739, 28.4135806826, 22.9099079239, 57.735026919, 100, 0, 0, 0, 19.2056126375],
  none: [0, 36.0887722595, 23.8304125653, 0, 0, 100, 0, 0, 0, 0]
}

const sacreBleuTokens = {
  intl: [37.9917842826, 36.0887722595, 12.0392175374, 9.6726495114, 34.6680637175, 100, 0, 0, 50, 7.8098498423],
  char: [
    70.8587641194,
    75.1489100713,
    63.2654748891,
    41.7507105387,
    39.8328715516,
    100,
    0,
    0,
    54.8868491003,
    12.2171145371
  ],
  none: [37.9917842826, 37.7079459659, 6.5672747361, 11.339582222, 34.6680637175, 100, 0, 0, 0, 7.8098498423]
}

const percent = (score: number | undefined, expected: number | undefined, message: string) =>
  assert.approximately((score ?? Number.NaN) * 100, expected ?? Number.NaN, 1e-7, message)

describe("BLEU", () => {
  it("is that of sacreBLEU, by smoothing and by tokens", () => {
    for (const smoothing of ["exp", "floor", "add-k", "none"] as const) {
      pairs.forEach(([candidate, reference], i) =>
        percent(Text.bleuOf(candidate, reference, { smoothing })?.score, sacreBleu[smoothing][i], `${smoothing} ${i}`)
      )
    }
    for (const tokenize of ["char", "none", "intl"] as const) {
      pairs.forEach(([candidate, reference], i) =>
        percent(
          Text.bleuOf(candidate, reference, { tokenize })?.score,
          sacreBleuTokens[tokenize][i],
          `${tokenize} ${i}`
        )
      )
    }
  })

  it("clips by, and takes its length from, the nearest reference", () => {
    const bleu = Text.bleuOf("the cat sat on the mat", ["the cat is on the mat", "a cat sat on a mat today"])
    percent(bleu?.score, 53.7284965912, "two references")
    assert.strictEqual(bleu?.referenceLength, 6)
    percent(Text.bleuOf("there is a cat", ["a cat is there now", "the cat"])?.score, 29.5880313496, "two references")
    // Papineni's example: of seven times "the", two count.
    assert.strictEqual(Text.bleuOf("the the the the the the the", "the cat is on the mat")?.matches[0], 2)
    // Of two lengths that are equally near, the shorter one.
    assert.strictEqual(Text.bleuOf("a b c", ["a b c d", "a b"])?.referenceLength, 2)
  })

  it("has a brevity penalty of exp(1 - r/c)", () => {
    const bleu = Text.bleuOf("the cat", "the cat sat on")
    close(bleu?.brevityPenalty, Math.exp(1 - 4 / 2))
    close(bleu?.score, Math.exp(-1))
    assert.strictEqual(Text.bleuOf("the cat", "the cat sat on", { effectiveOrder: false, smoothing: "none" })?.score, 0)
  })

  it("is undefined without a reference, and 0 without a candidate", () => {
    assert.isUndefined(Text.bleuOf("a", " "))
    assert.strictEqual(Text.bleuOf(" ", "a")?.score, 0)
    assert.throws(() => Text.bleuOf("a", "a", { maxOrder: 0 }), RangeError)
    assert.strictEqual(Text.bleuOf("A b", "a B", { ignoreCase: true })?.score, 1)
  })

  it("adds up over a corpus", () => {
    percent(Text.corpusBleuOf(pairs.map(([a, b]) => [a, [b]]))?.score, 21.6936722501, "corpus")
    assert.isUndefined(Text.corpusBleuOf([]))
  })

  it.effect("scores rows with the arithmetic, and the corpus", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        (yield* judge(Text.bleu(), ...pairs[0])).comment,
        "precisions 5/6, 3/5, 1/4, 0/3, brevity penalty 1 (6 tokens against 6)"
      )
      assert.deepStrictEqual(yield* judge(Text.bleu(), "a", ""), {
        skipped: "no reference has a token to compare with"
      })
      const corpus = yield* summarize(Text.corpusBleu(), [...pairs, [new Error("down"), "x"]])
      percent(Number(corpus?.results[0]?.score), 21.6936722501, "corpus")
      assert.match(corpus?.results[0]?.comment ?? "", /; 10 rows, 1 failed run left out$/)
    }))
})

describe("chrF", () => {
  const chrf = [
    64.5779420625,
    71.0539064489,
    54.6763766581,
    56.8785181093,
    31.1175861176,
    100,
    0,
    0,
    50.7621962365,
    14.2324268482
  ]
  const chrfPlusPlus = [
    66.3606707208,
    70.600783984770,
    49.3945104391,
    54.3684383453,
    31.6715229215,
    100,
    0,
    0,
    43.510453917,
    14.715329002
  ]
  const withWhitespace = [
    74.5937132025,
    75.5074333359,
    56.5484570189,
    61.3156078744,
    39.6908646647,
    100,
    11.1111111111,
    0,
    50.7621962365,
    22.9091305148
  ]

  it("is that of sacreBLEU", () => {
    pairs.forEach(([candidate, reference], i) => {
      percent(Text.chrfOf(candidate, reference)?.score, chrf[i], `chrF ${i}`)
      percent(Text.chrfOf(candidate, reference, { wordOrder: 2 })?.score, chrfPlusPlus[i], `chrF++ ${i}`)
      percent(Text.chrfOf(candidate, reference, { whitespace: true })?.score, withWhitespace[i], `whitespace ${i}`)
    })
    percent(Text.chrfOf(pairs[0][0], pairs[0][1], { characterOrder: 4, beta: 1 })?.score, 74.1387601364, "order 4")
    percent(
      Text.chrfOf("the cat sat on the mat", ["a cat sat on a mat today", "the cat is on the mat"])?.score,
      64.5779420625,
      "the best reference"
    )
  })

  it("is undefined without a reference", () => {
    assert.isUndefined(Text.chrfOf("a", " "))
    assert.strictEqual(Text.chrfOf("A", "a")?.score, 0)
    assert.strictEqual(Text.chrfOf("A", "a", { ignoreCase: true })?.score, 1)
    assert.throws(() => Text.chrfOf("a", "a", { wordOrder: -1 }), RangeError)
  })

  it.effect("scores rows and the corpus", () =>
    Effect.gen(function*() {
      percent(Number(yield* scoreOf(Text.chrf(), ...pairs[0])), 64.5779420625, "row")
      assert.deepStrictEqual(yield* judge(Text.chrf(), "a", ""), {
        skipped: "no reference has a character to compare with"
      })
      percent(Number((yield* summarize(Text.corpusChrf(), pairs))?.results[0]?.score), 54.0752670909, "corpus")
    }))
})

describe("ROUGE", () => {
  it("is that of the paper's examples", () => {
    const reference = "police killed the gunman"
    close(Text.rougeOf("police kill the gunman", reference)?.f1, 3 / 4)
    close(Text.rougeOf("the gunman kill police", reference)?.f1, 1 / 2)
    close(Text.rougeOf("the gunman police killed", reference)?.f1, 1 / 2)
    // Section 3.2: the union of w1 w2 and w1 w3 w5 covers four of five words.
    const union = Text.rougeOf("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5", { type: "rougeLsum" })
    assert.deepStrictEqual([union?.common, union?.candidate, union?.reference], [4, 10, 5])
    // In one piece, and the other way round, w2 comes too late.
    assert.strictEqual(Text.rougeOf("w1 w3 w8 w9 w5\nw1 w2 w6 w7 w8", "w1 w2 w3 w4 w5")?.common, 3)
  })

  it("counts n-grams as often as both have them", () => {
    const one = Text.rougeOf("the the the cat", "the cat the dog", { type: "rouge1" })
    assert.deepStrictEqual([one?.common, one?.precision, one?.recall], [3, 3 / 4, 3 / 4])
    const two = Text.rougeOf("a b a b", "a b c", { type: "rouge2" })
    assert.deepStrictEqual([two?.common, two?.candidate, two?.reference], [1, 3, 2])
  })

  it("stems English, and sees other scripts unless told not to", () => {
    assert.strictEqual(Text.rougeOf("cats running", "cat runs", { type: "rouge1" })?.f1, 0)
    assert.strictEqual(Text.rougeOf("cats running", "cat runs", { type: "rouge1", stem: true })?.f1, 1)
    assert.strictEqual(Text.rougeOf("Grüße, München", "grüße münchen", { type: "rouge1" })?.common, 2)
    assert.strictEqual(Text.rougeOf("日本語", "日本", { type: "rouge1" })?.common, 2)
    assert.isUndefined(Text.rougeOf("日本語", "日本", { type: "rouge1", tokens: "ascii" }))
    assert.strictEqual(Text.rougeOf("A_b-c 1.5", "a b c 1 5", { tokens: "ascii" })?.f1, 1)
  })

  it("takes the best reference, and is undefined without one", () => {
    assert.strictEqual(Text.rougeOf("a b", ["c", "a b"])?.f1, 1)
    assert.isUndefined(Text.rougeOf("a b", "word", { type: "rouge2" }))
    assert.strictEqual(Text.rougeOf("", "word")?.f1, 0)
  })

  const words = Schema.Array(Schema.Literals(["a", "b", "c", "d"]))

  it.prop("finds the longest common subsequence", [words, words], ([a, b]) => {
    let row = b.map(() => 0).concat(0)
    for (const x of a) {
      const next = [0]
      b.forEach((y, j) => next.push(x === y ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!)))
      row = next
    }
    const rouge = Text.rougeOf(a.join(" "), b.join(" "))
    const lines = Text.rougeOf(a.join(" "), b.join(" "), { type: "rougeLsum" })
    // With one line each, the union is the subsequence.
    assert.strictEqual(rouge?.common ?? 0, b.length === 0 ? 0 : row[b.length])
    assert.deepStrictEqual(lines, rouge)
  }, { arbitrary: { runs: 300 } })

  it.effect("has its type for a key and shows the arithmetic", () =>
    Effect.gen(function*() {
      assert.strictEqual(Text.rouge({ type: "rouge2" }).feedbackKey, "rouge2")
      assert.deepStrictEqual(yield* judge(Text.rouge(), "a b c d", "a x b y c"), {
        score: 2 * 3 / 9,
        comment: "LCS 3, precision 3/4, recall 3/5, F1 0.6667"
      })
      assert.strictEqual(yield* scoreOf(Text.rouge({ score: "recall" }), "a b c d", "a x b y c"), 3 / 5)
      assert.deepStrictEqual(yield* judge(Text.rouge({ type: "rouge2" }), "a b", "a"), {
        skipped: "no reference has a pair of words to compare with"
      })
    }))
})

describe("tokenF1", () => {
  it("is SQuAD's on ASCII", () => {
    const { common, f1, precision, recall } = Text.tokenOverlapOf(
      "The Eiffel-tower, in Paris!",
      "an eiffel tower in paris"
    )
    // "eiffeltower in paris" against "eiffel tower in paris".
    assert.deepStrictEqual([common, precision, recall], [2, 2 / 3, 2 / 4])
    close(f1, 4 / 7)
    assert.strictEqual(Text.tokenOverlapOf("the a an", "!").f1, 1)
    assert.strictEqual(Text.tokenOverlapOf("", "word").f1, 0)
    assert.strictEqual(Text.tokenOverlapOf("a a b", "b b", { ignoreArticles: false }).common, 1)
  })

  it("knows scripts without spaces, and punctuation beyond ASCII", () => {
    assert.strictEqual(Text.tokenOverlapOf("東京です。", "「東京」").common, 2)
    assert.strictEqual(Text.tokenOverlapOf("«Да»", "да").f1, 1)
  })

  it.effect("takes the best reference, and skips what is undefined", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Text.tokenF1(), "in Paris", ["Rome", "Paris"]), {
        score: 2 / 3,
        comment: "1 word in common, precision 1/2, recall 1/1, F1 0.6667"
      })
      assert.deepStrictEqual(yield* judge(Text.tokenF1({ score: "recall" }), "a word", ""), {
        skipped: "the reference has no words, so there is no recall"
      })
      assert.deepStrictEqual(yield* judge(Text.tokenF1({ score: "precision" }), "", "a word"), {
        skipped: "the outputs have no words, so there is no precision"
      })
    }))
})

describe("summary scorers", () => {
  it.effect("say which row has a value that they cannot use", () =>
    Effect.gen(function*() {
      const outcome = yield* summarize(Text.corpusBleu(), [["a", "a"], [5, "b"]])
      assert.isTrue(SummaryEvaluator.isSummaryEvaluator(Text.corpusBleu()))
      assert.include(outcome?.error, "corpusBleu: outputs is 5, not a text.")
      assert.include(outcome?.error, "(In the row of example e1.)")
    }))

  it.effect("look at the rows that they are asked to", () =>
    Effect.gen(function*() {
      const scorer = Text.corpusBleu<number, string, string>({ when: ({ inputs }) => inputs === 0 })
      const outcome = yield* summarize(scorer, [["a", "a"], ["x", "b"]])
      assert.strictEqual(outcome?.results[0]?.score, 0)
      assert.match(outcome?.results[0]?.comment ?? "", /; 1 row$/)
    }))
})
