import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Text } from "../../src/scorers/index.ts"
import { judge, scoreOf } from "./scoring.ts"

describe("URLs", () => {
  it("have a protocol and no spaces", () => {
    for (
      const url of [
        "https://example.org",
        "HTTP://example.org:8080/a?b=c#d",
        "https://user:pass@example.org/",
        "https://münchen.example/straße",
        "http://localhost",
        "http://[::1]/"
      ]
    ) assert.isTrue(Text.isUrl(url), url)
    for (
      const text of [
        "",
        "example.org",
        "//example.org",
        "https:example.org",
        "https:///",
        "http://exa mple.org",
        "https://example.org\n",
        "ftp://example.org",
        "javascript:alert(1)",
        "mailto:a@example.org",
        "http://a:99999/"
      ]
    ) assert.isFalse(Text.isUrl(text), text)
    assert.isTrue(Text.isUrl("ftp://example.org", { protocols: ["ftp"] }))
    assert.isTrue(Text.isUrl("mailto:a@example.org", { protocols: ["mailto"] }))
  })

  it("are found in texts, without the marks around them", () => {
    assert.deepStrictEqual(
      Text.urlsIn("See [docs](https://a.example/b), \"https://c.example\"; **https://d.example/e**!"),
      [
        "https://a.example/b",
        "https://c.example",
        "https://d.example/e"
      ]
    )
    assert.deepStrictEqual(Text.urlsIn("https://en.example/wiki/A_(b) (https://x.example)."), [
      "https://en.example/wiki/A_(b)",
      "https://x.example"
    ])
    assert.deepStrictEqual(Text.urlsIn("mail a@b.co, pi is 3.14, e.g. this"), [])
    assert.deepStrictEqual(Text.urlsIn(`${"((((".repeat(50_000)}://`), [])
    assert.deepStrictEqual(Text.urlsIn(`https://a.example/${")]}.".repeat(50_000)}`), ["https://a.example/"])
  })
})

describe("e-mail addresses", () => {
  it("have a local part and a domain of two labels", () => {
    for (
      const email of ["a@example.org", "a.b+c@sub.example.org", "o'neil@example.org", "用户@例子.中国", "x_1@a-b.co"]
    ) {
      assert.isTrue(Text.isEmail(email), email)
    }
    for (
      const text of [
        "",
        "@example.org",
        "a@",
        "x@y",
        "a b@example.org",
        "a@b@example.org",
        ".a@example.org",
        "a..b@example.org",
        "a@-b.org",
        "a@b-.org",
        "a@b..org",
        "a@1.2",
        `${"a".repeat(65)}@example.org`,
        `a@${"b".repeat(64)}.org`
      ]
    ) assert.isFalse(Text.isEmail(text), text)
  })

  it("are found in texts", () => {
    assert.deepStrictEqual(Text.emailsIn("Write to mailto:a@example.org or <b@example.org>, (c@example.org). x@y"), [
      "a@example.org",
      "b@example.org",
      "c@example.org"
    ])
  })
})

describe("language tags", () => {
  it("have the form of BCP 47", () => {
    for (const tag of ["de", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske", "de-DE-u-co-phonebk", "es-419"]) {
      assert.isTrue(Text.isLanguageTag(tag), tag)
    }
    for (const text of ["", "english", "pt_BR", "d", "de-", "de-DE-DE", "german language"]) {
      assert.isFalse(Text.isLanguageTag(text, { known: true }), text)
    }
    assert.isTrue(Text.isLanguageTag("xq"))
    assert.isFalse(Text.isLanguageTag("xq", { known: true }))
    assert.isFalse(Text.isLanguageTag("de-QQ", { known: true }))
  })
})

describe("the scorers", () => {
  it.effect("look at the whole output without the whitespace around it, or for one within it", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* scoreOf(Text.url(), "https://example.org\n", 0), true)
      assert.deepStrictEqual(yield* judge(Text.url(), "see https://example.org", 0), {
        score: false,
        comment: "\"see https://example.org\" is not a URL"
      })
      assert.deepStrictEqual(yield* judge(Text.containsUrl(), "see https://example.org", 0), {
        score: true,
        comment: "found \"https://example.org\""
      })
      assert.strictEqual(yield* scoreOf(Text.containsUrl(), "mail a@b.co", 0), false)
      assert.strictEqual(yield* scoreOf(Text.email(), " a@example.org ", 0), true)
      assert.strictEqual(yield* scoreOf(Text.containsEmail(), "mail a@b.co", 0), true)
      assert.deepStrictEqual(yield* judge(Text.containsEmail(), "none", 0), {
        score: false,
        comment: "found no e-mail address"
      })
      assert.strictEqual(yield* scoreOf(Text.languageTag({ known: true }), "de-CH", 0), true)
    }))
})
