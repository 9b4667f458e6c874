/**
 * What a run has to say, as data: one model for every command, so that one page draws all of them.
 * `reportHtml` makes the page, `reportJson` the document beside it; `README.md` has the schema.
 * Numbers may be NaN or infinite where nothing was measured: both are written as "–" and null.
 */

export const REPORT_VERSION = 1

/** `open`: neither passed nor failed, because something is too small or not there yet. */
export type Verdict = 'pass' | 'fail' | 'open'
export type Cell = string | number | null

export type RunReport = {
  readonly title: string
  /** Of the run: chaos, replay. */
  readonly kind: string
  /** ISO 8601, UTC. */
  readonly made: string
  readonly commit: string
  /** Processor, cores, memory, system, Node. */
  readonly machine: string
  /** What makes the run again, where words can. */
  readonly command?: string
  readonly seed?: number
  readonly options: Readonly<Record<string, string | number | boolean | null>>
  /** Why the run is not whole; absent when it is. */
  readonly partial?: string
  readonly sections: readonly Section[]
}

type Titled = {
  readonly title: string
  /** What to know before reading it. */
  readonly note?: string
}

export type Fact = {
  readonly name: string
  readonly value: Cell
  readonly unit?: string
  /** What it should be, in words: "≥ 4,000,000", ".46 to .48". */
  readonly target?: string
  readonly verdict?: Verdict
}

export type Facts = Titled & { readonly kind: 'facts'; readonly facts: readonly Fact[] }

export type Table = Titled & {
  readonly kind: 'table'
  readonly columns: readonly { readonly name: string; readonly unit?: string }[]
  readonly rows: readonly (readonly Cell[])[]
  /** One for each row, in a column of its own. */
  readonly verdicts?: readonly (Verdict | null)[]
}

export type Axis = {
  readonly name: string
  readonly unit?: string
  /** Logarithmic: every value is above 0. */
  readonly isLog?: boolean
  /** Of x: seconds since the Unix epoch. */
  readonly isTime?: boolean
}

export type Series = {
  readonly name: string
  /** One for each x; null where there is none. */
  readonly values: readonly (number | null)[]
  /** Bounds of an interval around each value. */
  readonly low?: readonly (number | null)[]
  readonly high?: readonly (number | null)[]
}

export type Lines = Titled & {
  readonly kind: 'lines'
  readonly x: Axis
  readonly y: Axis
  /** Ascending. */
  readonly at: readonly number[]
  readonly series: readonly Series[]
}

export type Histogram = Titled & {
  readonly kind: 'histogram'
  readonly x: Axis
  /** Side by side, ascending: low ≤ value < high. */
  readonly buckets: readonly { readonly low: number; readonly high: number; count: number }[]
  /** Percentiles. */
  readonly marks: readonly { readonly name: string; readonly value: number }[]
}

export type Bar = {
  readonly name: string
  readonly value: number
  /** Of the interval; both or none. */
  readonly low?: number
  readonly high?: number
  readonly verdict?: Verdict
}

export type Bars = Titled & {
  readonly kind: 'bars'
  readonly unit?: string
  /** What the intervals are: "95 %, paired, 20 seeds". */
  readonly interval?: string
  /** A line to compare with: no difference, or a target. */
  readonly reference?: { readonly name: string; readonly value: number }
  readonly bars: readonly Bar[]
}

export type Words = Titled & { readonly kind: 'text'; readonly paragraphs: readonly string[] }

export type Section = Facts | Table | Lines | Histogram | Bars | Words

/** How many of each verdict a report has. */
export function verdictCounts({ sections }: RunReport): Readonly<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = { pass: 0, fail: 0, open: 0 }
  for (const verdict of sections.flatMap(verdictsOf)) if (verdict) counts[verdict]++
  return counts
}

function verdictsOf(section: Section): readonly (Verdict | null | undefined)[] {
  if (section.kind === 'facts') return section.facts.map(({ verdict }) => verdict)
  if (section.kind === 'bars') return section.bars.map(({ verdict }) => verdict)
  return section.kind === 'table' ? (section.verdicts ?? []) : []
}

/** Sums as a result has them, `seedsPerSecond` told as "seeds per second". */
export function sumFacts(title: string, sums: Readonly<Record<string, Cell>>): Facts {
  const facts = Object.entries(sums).map(([key, value]) => {
    const name = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    return { name, value }
  })
  return { kind: 'facts', title, facts }
}

/** Keys that come first, since a reader looks for them; the others follow by alphabet. */
const first = ['version', 'kind', 'title', 'note', 'partial', 'name', 'value', 'low', 'high']

/**
 * The report as a JSON document: keys in one order whoever made it, two spaces deep. Arrays of
 * plain values stand on one line, since most of a report is columns of numbers.
 */
export function reportJson(report: RunReport): string {
  return `${document({ version: REPORT_VERSION, ...report }, '')}\n`
}

function document(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return plain(value)
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (!value.some((item) => typeof item === 'object' && item !== null)) {
      return `[${value.map(plain).join(', ')}]`
    }
    const items = value.map((item) => `${deeper}${document(item, deeper)}`)
    return `[\n${items.join(',\n')}\n${indent}]`
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  if (fields.length === 0) return '{}'
  const lines = fields
    .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
    .map(([key, field]) => `${deeper}${JSON.stringify(key)}: ${document(field, deeper)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function place(key: string): number {
  const at = first.indexOf(key)
  return at < 0 ? first.length : at
}

const plain = (value: unknown) => JSON.stringify(value ?? null)
