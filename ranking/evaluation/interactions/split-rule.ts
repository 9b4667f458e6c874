/** How rows are cut into train and test, as `--split` says it. */
import { pinwheelError } from '../../../base/index.ts'

export type SplitRule =
  | { readonly kind: 'last-out' }
  /** Of each user's rows, the last so many. */
  | { readonly kind: 'last-fraction'; readonly share: number }
  /** All rows but the first so many; or those from an instant on, in milliseconds since 1970. */
  | { readonly kind: 'time'; readonly quantile: number }
  | { readonly kind: 'time'; readonly instant: number }
  | { readonly kind: 'random'; readonly share: number }

export const splitDefault: SplitRule = Object.freeze({ kind: 'last-fraction', share: 0.2 })

const expected =
  'last-out, last-fraction:F, random:F or time:F with F between 0 and 1, or time:INSTANT ' +
  '(a date, or milliseconds since 1970)'

/** EVALUATION_OPTIONS for what is none. */
export function parseSplitRule(text: string): SplitRule {
  const colon = text.indexOf(':')
  const kind = colon < 0 ? text : text.slice(0, colon)
  const value = colon < 0 ? '' : text.slice(colon + 1).trim()
  const number = value === '' ? Number.NaN : Number(value)
  const share = number > 0 && number < 1 ? number : undefined
  if (kind === 'last-out' && colon < 0) return { kind }
  if ((kind === 'last-fraction' || kind === 'random') && share !== undefined) return { kind, share }
  if (kind === 'time') {
    if (share !== undefined) return { kind, quantile: share }
    const instant = Number.isNaN(number) ? dateOf(value) : number
    if (instant >= 1) return { kind, instant }
  }
  throw pinwheelError('EVALUATION_OPTIONS', { option: '--split', value: text, expected })
}

/** A date of ISO 8601, in UTC where it names no zone; NaN for anything else. */
function dateOf(value: string): number {
  const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/
  const [, time, , , zone] = form.exec(value) ?? []
  if (!form.test(value)) return Number.NaN
  return Date.parse(time !== undefined && zone === undefined ? `${value}Z` : value)
}

/** The rule as `--split` takes it. */
export function splitText(rule: SplitRule): string {
  if (rule.kind === 'last-out') return rule.kind
  if (rule.kind !== 'time') return `${rule.kind}:${rule.share}`
  return `time:${'quantile' in rule ? rule.quantile : rule.instant}`
}
