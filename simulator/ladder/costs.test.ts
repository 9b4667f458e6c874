import { expect, test } from 'vitest'
import type { CostBook } from '../cluster/index.ts'
import { hostPrice, liveCosts } from './costs.ts'

const world = { options: { world: { pins: 2_000_000 } } }
const atRate = JSON.stringify({
  ...world,
  offeredPerSecond: 30,
  feed: { latencyMs: { p50: 8, p99: 31 } },
})
const knee = JSON.stringify({ ...world, kneeRequestsPerSecond: 90 })

test('a rate and a knee of one arm are one row; dollars are the price of its second', () => {
  const files = [
    { arm: 'tags', file: 'a.json', text: atRate },
    { arm: 'tags', file: 'b.json', text: knee },
    { arm: 'deep', file: 'c.json', text: knee },
  ] as const
  const [tags, deep, ...none] = liveCosts(files, 0.324)
  expect(tags).toMatchObject({ arm: 'tags', rate: 30, p50: 8, p99: 31, kneePerSecond: 90 })
  // .324 dollars an hour are .00009 a second, for 90 answers.
  expect(tags!.dollars).toBeCloseTo(1e-6, 12)
  expect(tags!.pins).toBe(2_000_000)
  expect(deep!.p50).toBeUndefined()
  expect(none).toEqual([])
})

test('what is no run of live is refused by name', () => {
  const files = [{ arm: 'tags', file: 'x.json', text: '{"feed":{}}' }] as const
  expect(() => liveCosts(files, 1)).toThrow(
    expect.objectContaining({ code: 'MEASUREMENT_INVALID' }),
  )
})

test('the cheapest host with as many cores is the price; none has a thousand', () => {
  const of = (cores: number, onDemand: number) => ({ cores, perHour: { onDemand } })
  const book = { instances: [of(2, 0.2), of(2, 0.1), of(4, 0.05)] } as unknown as CostBook
  expect(hostPrice(book, 2)).toBe(0.1)
  expect(hostPrice(book, 1_000)).toBeUndefined()
})
