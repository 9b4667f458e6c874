/** The documented shape of entries takes whatever `entryProblem` takes. */
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { entryProblem, kindNames, limits } from '../../base/index.ts'
import { entrySchema } from './entry-schema.ts'

const declared = new Map([['purchase', 2]])
const schema = Compile(entrySchema(declared))
const name = (bytes: number) => fc.string({ minLength: 1, maxLength: bytes / 4 })
const id = name(limits.idBytesMax)
const tag = name(limits.tagBytesMax)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const time = fc.nat({ max: 2 ** 31 })

/** Every field that any kind knows; those that the kind at hand does not know make it wrong. */
const entry = fc
  .record({
    kind: fc.constantFrom(...kindNames, ...declared.keys()),
    id,
    time,
    user: maybe(id),
    pin: maybe(id),
    board: maybe(id),
    topic: maybe(tag),
    weight: maybe(fc.double({ min: -10, max: 10, noNaN: true })),
    context: maybe(
      fc.record(
        { rank: fc.nat(50), viewed: fc.boolean(), propensity: fc.double({ min: 0, max: 1 }) },
        { requiredKeys: [] },
      ),
    ),
    title: maybe(name(limits.titleBytesMax)),
    tags: maybe(fc.array(tag, { maxLength: limits.tagsPerPinMax + 1 })),
    private: maybe(fc.boolean()),
    hidden: maybe(fc.boolean()),
  })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as Record<string, unknown>)

test('taken by entryProblem implies fitting the document', () => {
  let taken = 0
  fc.assert(
    fc.property(entry, fc.boolean(), (given, prune) => {
      const value = prune ? pruned(given) : given
      if (entryProblem(value, declared) !== undefined) return
      taken++
      expect(schema.Check(value), JSON.stringify(value)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  // The law says nothing unless many of the values are taken.
  expect(taken).toBeGreaterThan(200)
})

/** Drops fields until entryProblem no longer calls one unknown. */
function pruned(given: Record<string, unknown>): Record<string, unknown> {
  const value = { ...given }
  for (;;) {
    const problem = entryProblem(value, declared)
    if (!problem?.expected.startsWith('nothing')) return value
    delete value[problem.field]
  }
}

test('it refuses what is not an entry', () => {
  const save = { kind: 'save', id: 'e', time: 1, user: 'u', pin: 'p' }
  expect(schema.Check(save)).toBe(true)
  expect(schema.Check({ ...save, kind: 'purchase' })).toBe(true)
  expect(schema.Check({ ...save, colour: 'red' })).toBe(false)
  expect(schema.Check({ ...save, pin: undefined })).toBe(false)
  expect(schema.Check({ ...save, kind: 'like' })).toBe(false)
})
