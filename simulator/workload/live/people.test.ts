import { describe, expect, test } from 'vitest'
import { entryProblem } from '../../../base/index.ts'
import { worldPeople } from './people.ts'
import type { Feed } from './target.ts'
import { testWorld } from './testing.ts'
import type { Look } from './visit.ts'

const people = (seed = 1) => worldPeople({ world: testWorld, seed, run: 't' })
const feed = (first: number, count = 25): Feed => ({
  request: `r${first}`,
  generation: 'mixed',
  pins: Array.from({ length: count }, (_, n) => ({ pin: `p${first + n}`, propensity: 1 })),
})
const deeds = ({ acts }: Look) => acts.flatMap((act) => act.deeds)

describe('what somebody does is a function of seed, user, session and answers', () => {
  test('whatever others do meanwhile', () => {
    const alone = people().open(3, 7)
    const looks = [alone.look(feed(0)), alone.look(feed(400))]
    const crowd = people()
    const others = [crowd.open(3, 8), crowd.open(4, 7)]
    const same = crowd.open(3, 7)
    for (const other of others) other.look(feed(0))
    const first = same.look(feed(0))
    for (const other of others) other.look(feed(900))
    expect([first, same.look(feed(400))]).toEqual(looks)
    expect(deeds(looks[0]!).length).toBeGreaterThan(2)
  })

  test('another seed, session or answer, another deed', () => {
    const look = people().open(3, 7).look(feed(0))
    expect(people(2).open(3, 7).look(feed(0))).not.toEqual(look)
    expect(people().open(3, 8).look(feed(0))).not.toEqual(look)
    expect(people().open(3, 7).look(feed(1))).not.toEqual(look)
  })
})

test('acts ascend, are told after their deeds, in batches; each deed is an event of the API', () => {
  const crowd = people()
  for (let n = 0; n < 100; n++) {
    const visit = crowd.open(crowd.visitor(n), n)
    const { acts, moreAfterMs } = visit.look(feed(17 * n))
    const instants = acts.map(({ afterMs }) => afterMs)
    expect(instants).toEqual(instants.toSorted((a, b) => a - b))
    for (const { afterMs, deeds } of acts) {
      for (const { afterMs: doneMs, ...deed } of deeds) {
        expect(doneMs).toBeLessThanOrEqual(afterMs)
        expect(afterMs - doneMs).toBeLessThanOrEqual(5_000)
        const entry = { ...deed, id: 'e', user: visit.user, time: 1 }
        expect(entryProblem(entry)).toBeUndefined()
      }
    }
    if (moreAfterMs !== undefined) expect(moreAfterMs).toBeGreaterThanOrEqual(instants.at(-1) ?? 0)
  }
})

test('who asks for more does not want what stands on the page', () => {
  const visit = people().open(3, 7)
  expect(visit.ask()).toEqual({ user: 'u3', limit: 25 })
  visit.look(feed(0))
  expect(visit.ask().exclude).toEqual(feed(0).pins.map(({ pin }) => pin))
  for (const first of [100, 200, 300, 400]) visit.look(feed(first))
  expect(visit.ask().exclude).toHaveLength(100)
})

test('whoever likes what they get stays longer', () => {
  const crowd = people()
  const stayed = { liked: [0, 0], other: [0, 0] }
  for (let n = 0; n < 2_000; n++) {
    const look = crowd.open(n % 200, n).look(feed((31 * n) % 1_900))
    const liked = deeds(look).some(({ kind }) => kind === 'save') ? 'liked' : 'other'
    stayed[liked][0]! += look.moreAfterMs === undefined ? 0 : 1
    stayed[liked][1]!++
  }
  const share = ([of, all]: number[]) => of! / all!
  expect(share(stayed.liked)).toBeGreaterThan(share(stayed.other) + 0.1)
  expect(people().open(1, 1).look(feed(0, 0))).toEqual({ acts: [] })
})

test('busy users come more often; one visit in fifty is by somebody new, who follows topics', () => {
  const crowd = people()
  const visitors = Array.from({ length: 5_000 }, (_, n) => crowd.visitor(n))
  const fresh = visitors.filter((user) => crowd.isNew(user))
  // A hundred are expected, with a deviation of ten.
  expect(Math.abs(fresh.length - 100)).toBeLessThan(40)
  expect(new Set(fresh).size).toBe(fresh.length)
  const counts = new Map<number, number>()
  for (const user of visitors) counts.set(user, (counts.get(user) ?? 0) + 1)
  expect(Math.max(...counts.values())).toBeGreaterThan(60)
  const visit = crowd.open(fresh[0]!, 0)
  expect(visit.user).toMatch(/^t-new\d+$/)
  const followed = deeds(visit.look(feed(0))).filter(({ kind }) => kind === 'follow-topic')
  expect(followed.length).toBeGreaterThanOrEqual(1)
  expect(followed[0]!.topic).toMatch(/\w/)
})

test('pins of another world are counted, and looked at all the same', () => {
  const crowd = people()
  const names = ['p1', 'p01', 'p2000', 'track-9', 'p-1', 'p1.5', '']
  const pins = names.map((pin) => ({ pin, propensity: 1 }))
  const look = crowd.open(1, 1).look({ request: 'r', generation: 'g', pins })
  expect(crowd.pinsUnknown).toBe(6)
  expect(deeds(look).length).toBeGreaterThan(0)
})
