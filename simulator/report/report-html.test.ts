/** A report as a page: self-contained, small, in the product's colours, with its licence. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { POINTS_MAX } from './downsample.ts'
import { reportHtml } from './report-html.ts'
import { type RunReport, type Section, verdictCounts } from './run-report.ts'
import { everyKind } from './testing.ts'

const page = reportHtml(everyKind)
/** Without printing the page where it does not. */
const says = (text: string, part: string) =>
  expect([part, text.includes(part)]).toEqual([part, true])
const withSections = (...sections: Section[]) => reportHtml({ ...everyKind, sections })

describe('one file', () => {
  test('nothing in it is fetched from elsewhere', () => {
    const bare = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
    expect(bare.match(/<(link|img|iframe|object|embed)\b/g)).toBeNull()
    expect(page.match(/@import|url\(|\bsrc=|<base\b/g)).toBeNull()
    says(page, 'default-src &#39;none&#39;')
  })
  test('the policy lets run exactly what was put there', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!
    const allowed = [...policy.matchAll(/&#39;sha256-([^&]*)&#39;/g)].map((found) => found[1])
    const scripts = [...page.matchAll(/<script type="module">([\s\S]*?)<\/script>/g)]
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)!
    const hashes = [style, ...scripts].map(([, text = '']) =>
      createHash('sha256').update(text).digest('base64'),
    )
    expect(allowed).toEqual(hashes)
    expect(scripts).toHaveLength(2)
    expect(policy).not.toContain('unsafe')
  })
  test('uPlot is in it with its licence, where there is a line to draw, and nowhere else', () => {
    says(page, 'leeoniya/uPlot')
    says(page, 'Permission is hereby granted, free of charge')
    const words = withSections({ kind: 'text', title: 't', paragraphs: ['p'] })
    expect(words.includes('uPlot')).toBe(false)
    says(words, 'script-src &#39;none&#39;')
    expect(words.length).toBeLessThan(20_000)
  })
  test('a day of four lines, a value a second, is below 2 MB', () => {
    const at = Array.from({ length: 86_400 }, (_, second) => second)
    const series = ['a', 'b', 'c', 'd'].map((name) => ({
      name,
      values: at.map((second) => 4_000_000 + Math.sin(second) * 1_234_567.891),
      low: at.map(() => 1_000_000.123),
      high: at.map(() => 9_000_000.123),
    }))
    const x = { name: 'time', unit: 's' }
    const day = withSections({ kind: 'lines', title: 'l', x, y: { name: 'y' }, at, series })
    expect(Buffer.byteLength(day)).toBeLessThan(2e6)
    says(day, '86400 values a line: of every 87')
    const drawn = JSON.parse(/id="charts">(.*?)<\/script>/s.exec(day)![1]!)
    expect(drawn[0].at.length).toBeLessThanOrEqual(POINTS_MAX)
  })
})

test('the colours are those of the feed page', () => {
  const variables = (path: string) =>
    new Map(
      [...readFileSync(path, 'utf8').matchAll(/^ {2}(--[\w-]+): (.*);$/gm)].map((m) => [
        m[1],
        m[2],
      ]),
    )
  const ours = variables('simulator/report/page/report.css')
  const theirs = variables('serving/web/styles/base.css')
  expect(ours.size).toBeGreaterThan(8)
  for (const [name, value] of ours) expect([name, theirs.get(name)]).toEqual([name, value])
})

describe('what it says', () => {
  test('verdicts are words, counted at the top', () => {
    expect(verdictCounts(everyKind)).toEqual({ pass: 4, fail: 2, open: 1 })
    for (const text of ['4 passed', '2 failed', '1 open']) says(page, text)
  })
  test('a partial one says so and why', () => {
    const partial = reportHtml({ ...everyKind, partial: 'The disk is full.' })
    expect(partial).toMatch(/<strong>Partial\.<\/strong> The disk is full\./)
    expect(page.includes('Partial.')).toBe(false)
  })
  test('it tells how to see it again', () => {
    const about = page.slice(page.indexOf('<footer>'))
    for (const { command, commit, machine } of [everyKind as Required<RunReport>]) {
      for (const text of [command, commit, machine]) says(about, text)
    }
  })
  test('every section can have the focus, and heads are heads', () => {
    const { length } = everyKind.sections
    expect(page.match(/tabindex="0"/g)).toHaveLength(length)
    says(page, '<th scope="col" class="number">a month <small>$</small></th>')
    says(page, '<th scope="row">10 M a day</th>')
    says(page, '<td class="number">48,210</td>')
  })
  test('a column with words among numbers is not aligned as numbers', () => {
    const columns = [{ name: 'a' }, { name: 'b' }]
    const mixed = withSections({
      kind: 'table',
      title: 't',
      columns,
      rows: [
        ['x', 1],
        ['y', 'z'],
      ],
    })
    says(mixed, '<td>1</td>')
  })
})

describe('what was not measured', () => {
  const nothing = 'Nothing was measured.'
  const x = { name: 'x' }
  test.each<[string, Section]>([
    ['a line', { kind: 'lines', title: 't', x, y: x, at: [], series: [] }],
    ['a histogram', { kind: 'histogram', title: 't', x, buckets: [], marks: [] }],
    ['bars', { kind: 'bars', title: 't', bars: [{ name: 'n', value: Number.NaN }] }],
  ])('%s', (_name, section) => {
    says(withSections(section), nothing)
  })
  test('a table without rows', () => {
    says(withSections({ kind: 'table', title: 't', columns: [x], rows: [] }), 'There is none.')
  })
})

test('a histogram from 0 on has a place on a logarithmic axis; one bucket fills it', () => {
  const buckets = [{ low: 0, high: 4, count: 9 }]
  const x = { name: 'latency', unit: 'ms', isLog: true }
  const marks = [{ name: 'p50', value: 3 }]
  const drawn = withSections({ kind: 'histogram', title: 't', x, buckets, marks })
  says(drawn, '<rect x="0.000%" y="12.000%"')
  says(drawn, 'width="100.000%"')
  says(drawn, '<span>2</span>')
})
