/** The pages of docs/ that are made from tables in the code: `npm run docs` writes them. */
import { writeFileSync } from 'node:fs'
import {
  type ErrorCode,
  environmentName,
  errorTable,
  limits,
  type SettingName,
  scriptVariables,
  settings,
} from '../base/index.ts'
import { deepFeatures } from '../ranking/features/feature-matrix.ts'
import { errorAdvice } from './error-advice.ts'

const row = (...cells: readonly unknown[]) => `| ${cells.join(' | ')} |\n`
const code = (text: string) => `\`${text}\``

export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([name, { status, retry }]) => {
    const { when, next } = errorAdvice[name as ErrorCode]
    return row(code(name), status, retry, when, next)
  })
  return `# Errors

Every operating error has a code, an HTTP status and says whether trying again can help. Over HTTP
they come as \`{ "error": { "code", "message", "details" } }\`; commands print message and code on
standard error and end with 1, or 2 for wrong usage. With "later" a reply also has \`retry-after\`.
The sentences of the messages stand in \`base/errors.ts\`; this page is made from it and
\`tests/error-advice.ts\` by \`npm run docs\`.

| code | status | retry | when it happens | what to do |
|---|---|---|---|---|
${rows.join('')}`
}

function limitsOf(setting: (typeof settings)[SettingName]): string {
  if (setting.type === 'number') return `${setting.min} to ${setting.max} ${setting.unit}`
  if (setting.type === 'kinds') {
    const { declaredKindsMax, kindWeightMax } = limits
    return `${declaredKindsMax} kinds, weights from -${kindWeightMax} to ${kindWeightMax}`
  }
  return 'oneOf' in setting ? setting.oneOf.join(', ') : setting.type
}

export function configurationPage(): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const { default: fallback, about } = setting
    const shown = fallback === undefined || fallback instanceof Map ? 'none' : String(fallback)
    return row(code(name), code(environmentName(name)), shown, limitsOf(setting), about)
  })
  const scripts = Object.entries(scriptVariables).map(([name, about]) => row(code(name), about))
  return `# Configuration

Flags win over environment, environment over defaults. Every setting has a variable; a command's
flags are those that its \`--help\` lists. Unknown names are refused and all problems are reported at
once. Made from \`base/config.ts\` by \`npm run docs\`.

| setting | environment | default | limits | what it is |
|---|---|---|---|---|
${rows.join('')}
## Variables of tests and scripts

| environment | what it is |
|---|---|
${scripts.join('')}`
}

export function featuresPage(): string {
  const hours = (ms: number) => (ms === 0 ? 'not kept' : `${ms / 3_600_000} h`)
  const number = (value: number) => String(Math.round(100 * value) / 100)
  const rows = deepFeatures.map(({ name, of, about, range, default: unknown, ttlMs }) => {
    return row(code(name), of, range.map(number).join(' to '), number(unknown), hours(ttlMs), about)
  })
  return `# Features

What rankers know of a candidate: one number each, computed by the same code for a request and for
training, in this order. "of" says whom it tells of: a feature of the user or the context is one number
a request, one of the pin is the same for everybody. A value may be kept for as long as "kept" says.
One file each in \`ranking/features/\`; this page is made from them by \`npm run docs\`.

| feature | of | range | where nothing is known | kept | what it is |
|---|---|---|---|---|---|
${rows.join('')}`
}

if (import.meta.main) {
  writeFileSync('docs/features.md', featuresPage())
  writeFileSync('docs/errors.md', errorsPage())
  writeFileSync('docs/configuration.md', configurationPage())
}
