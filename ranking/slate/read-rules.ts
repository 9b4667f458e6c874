/**
 * Reads a document of rules: JSON, checked against one table of what may stand where. Every problem
 * is told at once; what the document leaves out is as `rulesDefaults` has it.
 */
import { idProblem, limits, pinwheelError } from '../../base/index.ts'
import { capKinds, diversityMethods, exploreFrom, rulesDefaults, type SlateRules } from './rules.ts'

/** Says what was expected, where a value is something else. */
type Check = (value: unknown) => string | undefined
type Schema = Check | { readonly [name: string]: Schema }

export const rulesBounds = Object.freeze({ namesMax: 1_000, poolMax: 8_192 })

const between =
  (low: number, high: number): Check =>
  (v) =>
    typeof v === 'number' && v >= low && v <= high ? undefined : `a number from ${low} to ${high}`
const whole =
  (low: number, high: number): Check =>
  (v) =>
    Number.isInteger(v) && between(low, high)(v) === undefined
      ? undefined
      : `a whole number from ${low} to ${high}`
const flag: Check = (v) => (typeof v === 'boolean' ? undefined : 'true or false')
const oneOf =
  (values: readonly string[]): Check =>
  (v) =>
    values.some((value) => value === v) ? undefined : `one of ${values.join(', ')}`
const names: Check = (v) => {
  const fits = (name: unknown) => idProblem(name, limits.tagBytesMax) === undefined
  return Array.isArray(v) && v.length <= rulesBounds.namesMax && v.every(fits)
    ? undefined
    : `a list of at most ${rulesBounds.namesMax} names of 1 to ${limits.tagBytesMax} bytes`
}

const cap = { count: whole(1, limits.recommendationsMax), share: between(0, 1) }
const caps = Object.fromEntries(capKinds.map((kind) => [kind, cap]))
const schema: Schema = {
  caps: { hard: caps, soft: caps },
  block: { tags: names },
  languages: { allow: names, unknown: flag },
  quality: { min: between(0, 1) },
  served: { requests: whole(0, limits.servedAnswersMax), hours: between(0, 8_760) },
  duplicates: { allow: flag },
  diversity: {
    method: oneOf(diversityMethods),
    lambda: between(0, 1),
    pool: whole(1, rulesBounds.poolMax),
  },
  explore: {
    slots: whole(0, limits.recommendationsMax),
    chance: between(0, 1),
    from: oneOf(exploreFrom),
    pool: whole(1, rulesBounds.poolMax),
  },
}

/** The rules that the text of `file` tells. RULES_INVALID names every problem. */
export function readRules(text: string, file: string): SlateRules {
  const refuse = (problems: readonly string[]) =>
    pinwheelError('RULES_INVALID', { file, problems: problems.join(' ') })
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw refuse([`It is not JSON: ${error instanceof Error ? error.message : String(error)}.`])
  }
  const problems: string[] = []
  check(document, schema, '', problems)
  if (problems.length > 0) throw refuse(problems)
  const given = document as Partial<SlateRules>
  const { caps, block, languages, quality, served, duplicates, diversity, explore } = rulesDefaults
  return {
    // A document that speaks of soft caps says all of them: how else would one be taken back?
    caps: { ...caps, ...given.caps },
    block: { ...block, ...given.block },
    languages: { ...languages, ...given.languages },
    quality: { ...quality, ...given.quality },
    served: { ...served, ...given.served },
    duplicates: { ...duplicates, ...given.duplicates },
    diversity: { ...diversity, ...given.diversity },
    explore: { ...explore, ...given.explore },
  }
}

function check(value: unknown, wanted: Schema, path: string, problems: string[]): void {
  if (typeof wanted === 'function') {
    const expected = wanted(value)
    if (expected) problems.push(`"${path}" is ${shown(value)}; expected ${expected}.`)
    return
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(`${path ? `"${path}"` : 'It'} is ${shown(value)}; expected an object.`)
    return
  }
  for (const [name, item] of Object.entries(value)) {
    const at = path ? `${path}.${name}` : name
    if (Object.hasOwn(wanted, name)) check(item, wanted[name]!, at, problems)
    else problems.push(`"${at}" is no rule; known here: ${Object.keys(wanted).join(', ')}.`)
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
