/** Words of strangers stay words, wherever they stand; numbers of any kind do not break a page. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { html, Markup } from './html.ts'
import { reportHtml } from './report-html.ts'
import type { RunReport } from './run-report.ts'
import { everyKind } from './testing.ts'

const whole: RunReport = { ...everyKind, partial: 'so far', title: 'a title' }
/** What decides the form of a page, or is not a word. */
const formal = new Set(['kind', 'verdict', 'verdicts', 'made'])

/** The report with every word replaced by what `word` makes. */
function reworded<T>(value: T, word: (text: string) => string): T {
  if (typeof value === 'string') return word(value) as T
  if (Array.isArray(value)) return value.map((item) => reworded(item, word)) as T
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([key, field]) => [
    key,
    formal.has(key) ? field : reworded(field, word),
  ])
  return Object.fromEntries(fields) as T
}

const island = (page: string) =>
  JSON.parse(/<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)![1]!)

/** Names of elements and attributes, in order, scripts and styles apart. */
function structure(page: string): string[] {
  const bare = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
  return [...bare.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'))
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    ']]>&lt;',
    '</style></title></noscript>',
  ),
)

test('no word changes the structure of a page, and the chart reads the very words', () => {
  const form = structure(reportHtml(whole))
  fc.assert(
    fc.property(hostile, (text) => {
      const report = reworded(whole, () => text)
      const page = reportHtml(report)
      expect(structure(page)).toEqual(form)
      expect(island(page)[0].series[0].name).toBe(text)
    }),
    { seed: 12, numRuns: 200 },
  )
})

test('the structure that is compared sees what is not escaped', () => {
  const form = structure(html`<p title="${'a'}">${'a'}</p>`.text)
  const bare = new Markup('<img src=x>')
  expect(structure(html`<p title="${'a'}">${bare}</p>`.text)).not.toEqual(form)
  expect(structure(html`<p title="${new Markup('" onload="')}">${'a'}</p>`.text)).not.toEqual(form)
})

test('numbers of any kind make a page without NaN or Infinity in its places', () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE, 5e-324),
  )
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 3, maxLength: 40 }),
      fc.boolean(),
      (values, isLog) => {
        const [a, b, c] = values as [number, number, number]
        const edges = values.filter(Number.isFinite).map(Math.abs)
        edges.sort((x, y) => x - y)
        const buckets = edges.slice(1).map((high, n) => ({ low: edges[n]!, high, count: n % 3 }))
        const page = reportHtml({
          ...everyKind,
          sections: [
            { kind: 'facts', title: 'f', facts: [{ name: 'n', value: a }] },
            { kind: 'bars', title: 'b', bars: [{ name: 'n', value: a, low: b, high: c }] },
            { kind: 'histogram', title: 'h', x: { name: 'x', isLog }, buckets, marks: [] },
            {
              kind: 'lines',
              title: 'l',
              x: { name: 'x' },
              y: { name: 'y' },
              at: values.map((_, n) => n),
              series: [{ name: 's', values }],
            },
          ],
        })
        const bare = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
        expect(bare.match(/.*(NaN|Infinity|undefined).*/)?.[0]).toBeUndefined()
        for (const [, place] of bare.matchAll(/(?:x|cx|x1|x2)="(-?[\d.]+)%"/g)) {
          expect(Number(place)).toBeGreaterThanOrEqual(0)
          expect(Number(place)).toBeLessThanOrEqual(100)
        }
      },
    ),
    { seed: 13, numRuns: 300 },
  )
})
