import { expect, test } from 'vitest'
import { Lane } from './lane.ts'

test('calls run one at a time, in order, whatever the ones before did', async () => {
  const lane = new Lane()
  const events: string[] = []
  const call = (name: string, fails = false) =>
    lane.run(async () => {
      events.push(`${name} begins`)
      await Promise.resolve()
      events.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    })
  const outcomes = await Promise.allSettled([call('a'), call('b', true), call('c')])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(events).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]))
})
