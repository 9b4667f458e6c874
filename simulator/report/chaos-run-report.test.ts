/** What runs found, as sections: verdicts that can fail, rates from counts. */
import { describe, expect, test } from 'vitest'
import { type ChaosFindings, chaosSections } from './chaos-run-report.ts'
import { replaySections } from './replay-run-report.ts'
import { type RunReport, verdictCounts } from './run-report.ts'
import { everyKind } from './testing.ts'

const clean: ChaosFindings = {
  sums: { seeds: 600 },
  counts: { kill: 9, 'power loss': 3 },
  mustMeet: true,
  failures: [],
  hunts: [{ mutant: 'a bug', law: 'a law', seeds: 4 }],
  pace: [
    { second: 1, seeds: 60 },
    { second: 3, seeds: 200 },
  ],
}
const judged = (findings: Partial<ChaosFindings>) =>
  verdictCounts({ ...everyKind, sections: chaosSections({ ...clean, ...findings }) } as RunReport)

describe('a chaos run', () => {
  test('that found nothing passes everywhere', () => {
    expect(judged({})).toMatchObject({ fail: 0, open: 0 })
  })
  test('fails by a broken law, a fault never met, a planted bug not found', () => {
    const failure = { seed: 7, law: 'applied once', problem: 'twice', again: 'pinwheel …' }
    expect(judged({ failures: [failure] })).toMatchObject({ fail: 2 })
    expect(judged({ counts: { kill: 0 } })).toMatchObject({ fail: 2 })
    const hunts = [{ mutant: 'a bug', law: 'a law', seeds: undefined }]
    expect(judged({ hunts })).toMatchObject({ fail: 2 })
  })
  test('that was short leaves open what it did not meet', () => {
    expect(judged({ counts: { kill: 0 }, mustMeet: false })).toMatchObject({ fail: 0, open: 2 })
  })
  test('of many failures lists some and counts all', () => {
    const failures = Array.from({ length: 500 }, (_, seed) => {
      return { seed, law: 'l', problem: 'p', again: 'a' }
    })
    const [facts, table] = chaosSections({ ...clean, failures })
    expect(facts).toMatchObject({
      facts: expect.arrayContaining([expect.objectContaining({ value: 500 })]),
    })
    expect(table).toMatchObject({ note: 'The first 200 of 500.' })
    expect(table?.kind === 'table' && table.rows).toHaveLength(200)
  })
  test('has its pace in seeds a second', () => {
    const pace = chaosSections(clean).find(({ kind }) => kind === 'lines')
    expect(pace).toMatchObject({ at: [1, 3], series: [{ values: [60, 70] }] })
  })
})

test('a replay has events a second between samples, and memory in MiB', () => {
  const samples = [
    { second: 1, events: 100, bytes: 2 ** 20 },
    { second: 1.5, events: 200, bytes: 2 ** 21 },
  ]
  expect(replaySections(samples, {}).map((section) => section.kind)).toEqual(['lines', 'lines'])
  const [facts, rate, memory] = replaySections(samples, { events: 200, digest: 'abc' })
  expect(facts).toMatchObject({ facts: [{ name: 'events', value: 200 }, { name: 'digest' }] })
  expect(rate).toMatchObject({ at: [1, 1.5], series: [{ values: [100, 200] }] })
  expect(memory).toMatchObject({ series: [{ values: [1, 2] }] })
})
