/**
 * Keys, tokens and passwords, by the forms that their issuers document.
 *
 * Patterns begin where a word begins (a lookbehind for the very characters that follow) and have bounds, so that each
 * character is looked at a fixed number of times, whatever the text.
 */
import { byPattern, type Detector } from "./safetyFindings.ts"

export const secretDetectors: { readonly [kind: string]: Detector } = {
  aws_access_key: byPattern(/(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g),
  github_token: byPattern(/(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g),
  gitlab_token: byPattern(/(?<![\w-])gl(?:pat|dt|ptt|rt)-[\w-]{20,100}/g),
  slack_token: byPattern(/(?<![\w-])xox[abeoprs]-[A-Za-z0-9-]{10,250}/g),
  slack_webhook: byPattern(/hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/]{20,100}/g),
  stripe_key: byPattern(/(?<![A-Za-z0-9_])(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,250}/g),
  anthropic_key: byPattern(/(?<![\w-])sk-ant-[\w-]{20,250}/g),
  openai_key: byPattern(/(?<![\w-])sk-(?!ant-)(?:proj-|svcacct-|admin-)?[\w-]{20,250}/g, hasDigitAndLetter),
  google_api_key: byPattern(/(?<![\w-])AIza[\w-]{35}(?![\w-])/g),
  sendgrid_key: byPattern(/(?<![\w-])SG\.[\w-]{16,32}\.[\w-]{16,64}/g),
  npm_token: byPattern(/(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g),
  hugging_face_token: byPattern(/(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,60}(?![A-Za-z0-9])/g),
  json_web_token: byPattern(/(?<![\w.-])eyJ[\w-]{8,8192}\.eyJ[\w-]{8,8192}\.[\w-]{8,8192}/g),
  private_key: byPattern(/-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g),
  url_password: byPattern(
    /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s:@/"'<>]{1,200}:[^\s:@/"'<>]{1,200}@/g
  ),
  // A name that says so, and a quoted value, or one in the style of environment variables.
  assigned_secret: byPattern(
    /(?<![A-Za-z0-9])(?:[A-Za-z0-9]{1,30}[_-]?)?(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s{0,3}[:=]\s{0,3}(?:"[^"\s]{8,200}"|'[^'\s]{8,200}'|(?<=[A-Z]=)[^\s"'$<>(){}]{8,200})/gi,
    (found) => !/^.{0,80}[:=]\s*["']?(?:\$|<|\{|\[|process\.|os\.|env\.)/.test(found)
  )
}

/** `sk-` begins words of hyphenated prose, too. */
function hasDigitAndLetter(key: string): boolean {
  return /\d/.test(key) && /[A-Za-z]/.test(key.slice(3))
}
