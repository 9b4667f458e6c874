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

if (import.meta.main) {
  writeFileSync('docs/errors.md', errorsPage())
  writeFileSync('docs/configuration.md', configurationPage())
}
