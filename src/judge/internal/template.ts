/** What ready-made judges are made of. */

export interface Template {
  readonly version: string
  readonly criteria: string
  /** What the judge must be shown. */
  readonly needs: ReadonlyArray<string>
  /** What the verdicts are: yes or no, a number in a range, or names with scores. */
  readonly output:
    | { readonly _tag: "Boolean" }
    | { readonly _tag: "Number"; readonly min: number; readonly max: number }
    | { readonly _tag: "Choices"; readonly choices: { readonly [name: string]: number } }
}

export const yesOrNo = { _tag: "Boolean" } as const
export const oneToFive = { _tag: "Number", min: 1, max: 5 } as const

export const template = (
  criteria: string,
  needs: ReadonlyArray<string>,
  output: Template["output"] = yesOrNo,
  version = "1"
): Template => ({ version, criteria, needs, output })
