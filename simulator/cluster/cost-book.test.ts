import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readCalibration } from './calibration.ts'
import { readCostBook } from './cost-book.ts'
import { plainCalibration } from './testing.ts'

const text = readFileSync(new URL('cost-book.json', import.meta.url), 'utf8')
type Json = Record<string, unknown>

/** The book with one field changed, by its path. */
function changed(path: string, value: unknown, document = JSON.parse(text) as Json): string {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let at: Json = document
  for (const name of names) at = at[name] as Json
  if (value === undefined) delete at[last]
  else at[last] = value
  return JSON.stringify(document)
}

function refusal(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    return String((error as Error).message)
  }
  throw new Error('it was taken')
}

describe('the cost book', () => {
  test('the one that comes along is whole, and reserving is cheaper', () => {
    const { instances } = readCostBook(text, 'cost-book.json')
    expect(instances.length).toBeGreaterThan(5)
    for (const { perHour } of instances) {
      expect(perHour.reserved1y).toBeLessThan(perHour.onDemand)
      expect(perHour.reserved3y).toBeLessThan(perHour.reserved1y)
    }
  })

  test.each([
    [
      'instances.0.perHour.onDemand',
      undefined,
      '"instances[c7i.large].perHour.onDemand" is missing',
    ],
    ['instances.0.perHour.onDemand', -1, 'is -1; expected a number above 0'],
    ['instances.1.cores', 0, '"instances[c7i.xlarge].cores" is 0'],
    ['instances.1.perHour', undefined, '"instances[c7i.xlarge].perHour" is missing'],
    ['instances.2.date', 'lately', '"instances[c7i.2xlarge].date" is "lately"'],
    ['instances.2.source', '', '"instances[c7i.2xlarge].source" is ""'],
    ['instances.2.memoryGiB', '16', 'is "16"; expected a number'],
    ['instances', [], '"instances" is []; expected a list with an entry'],
    ['instances', [7], '"instances[0]" is 7; expected an object'],
    ['storage.disk', undefined, '"storage.disk" is missing; expected an object'],
    ['network.egress.perGiB', null, '"network.egress.perGiB" is null'],
    ['hoursPerMonth', 0, '"hoursPerMonth" is 0'],
  ])('%s as %j is named', (path, value, problem) => {
    const read = () => readCostBook(changed(path, value), 'mine.json')
    expect(read).toThrow(expect.objectContaining({ code: 'COST_BOOK_INVALID' }))
    expect(refusal(read)).toContain('mine.json')
    expect(refusal(read)).toContain(problem)
  })

  test('all holes are told at once; what is no JSON, too', () => {
    const message = refusal(() => readCostBook('{}', 'empty.json'))
    for (const name of ['hoursPerMonth', 'instances', 'storage', 'network']) {
      expect(message).toContain(`"${name}"`)
    }
    expect(refusal(() => readCostBook('{"', 'x'))).toContain('not JSON')
    expect(refusal(() => readCostBook('[]', 'x'))).toContain('expected an object')
  })
})

describe('the calibration', () => {
  const read = (path: string, value: unknown) =>
    refusal(() => {
      const document = structuredClone(plainCalibration) as unknown as Json
      return readCalibration(changed(path, value, document), 'c.json')
    })

  test('of round numbers is read as it is', () => {
    expect(readCalibration(JSON.stringify(plainCalibration), 'c')).toEqual(plainCalibration)
  })
  test.each([
    ['large.deep.workerMs', [3, 2], '"large.deep.workerMs" is [3,2]; expected 2 or more numbers'],
    ['large.deep.workerMs', [3], '"large.deep.workerMs" is [3]'],
    ['activationsPerCpuSecond', 0, '"activationsPerCpuSecond" is 0'],
    ['bytes.log.ratio', undefined, '"bytes.log.ratio" is missing'],
    ['demo', undefined, '"demo" is missing'],
  ])('%s as %j is named', (path, value, problem) => {
    expect(read(path, value)).toContain(problem)
  })
})
