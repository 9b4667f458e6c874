/** The document beside the page: the same whoever made it, and all of it. */
import { expect, test } from 'vitest'
import { cellText } from './figures.ts'
import { reportJson } from './run-report.ts'
import { everyKind } from './testing.ts'

/** The same with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, reversed(field)]),
  )
}

test('nothing is lost, and the version is in it', () => {
  expect(JSON.parse(reportJson(everyKind))).toEqual({ version: 1, ...everyKind })
})

test('the order of keys is one', () => {
  expect(reportJson(reversed(everyKind) as typeof everyKind)).toBe(reportJson(everyKind))
  expect(reportJson(everyKind)).toMatch(/^\{\n {2}"version": 1,\n {2}"kind": "test",\n {2}"title"/)
})

test('what was not measured is null', () => {
  const facts = [Number.NaN, Number.POSITIVE_INFINITY].map((value) => ({ name: 'n', value }))
  const json = reportJson({ ...everyKind, sections: [{ kind: 'facts', title: 't', facts }] })
  expect(JSON.parse(json).sections[0].facts).toEqual([
    { name: 'n', value: null },
    { name: 'n', value: null },
  ])
})

test.each([
  [0, '0'],
  [-0, '0'],
  [0.00016, '0.00016'],
  [0.0131277, '0.01313'],
  [1e-9, '1.000e-9'],
  [2.34567, '2.346'],
  [99.999, '100'],
  [1234.5, '1,235'],
  [4_000_001, '4,000,001'],
  [Number.NaN, '–'],
  [null, '–'],
  ['as it is', 'as it is'],
])('%j reads %s', (cell, text) => {
  expect(cellText(cell)).toBe(text)
})
