import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entryProblem, ManualClock, Random } from '../../../base/index.ts'
import { Arrivals } from './arrivals.ts'
import { type DriveOptions, drive } from './drive.ts'
import { worldPeople } from './people.ts'
import { type FakeOptions, FakeTarget, playOut, testWorld } from './testing.ts'

type Run = Partial<DriveOptions> & {
  readonly rate?: number
  readonly seconds?: number
  readonly fake?: Omit<FakeOptions, 'clock'>
  readonly law?: 'poisson' | 'uniform'
  /** When the run is interrupted, and when this process does nothing for 800 ms. */
  readonly interruptAtMs?: number
  readonly absentAtMs?: number
}

/** A clock by which nothing was done for a while: timers are late. */
class JumpingClock extends ManualClock {
  #jumped = 0

  jump(ms: number): void {
    this.#jumped += ms
  }
  override monotonic(): number {
    return super.monotonic() + this.#jumped
  }
}

async function run({ rate = 100, seconds = 4, fake, law = 'poisson', ...more }: Run) {
  const clock = new JumpingClock(1_790_000_000_000)
  const target = new FakeTarget({ ...fake, clock })
  const { seed = 1, interruptAtMs, absentAtMs } = more
  const random = new Random(seed).split('arrivals')
  const end = new AbortController()
  const driving = drive({
    arrivals: new Arrivals({ law, from: rate, to: rate, seconds, random }),
    people: worldPeople({ world: testWorld, seed, run: 't' }),
    target,
    clock,
    seed,
    run: 't',
    warmUpMs: 0,
    signal: end.signal,
    ...more,
  })
  const driven = await playOut(clock, driving, (ms) => {
    if (ms === interruptAtMs) end.abort()
    if (ms === absentAtMs) clock.jump(800)
  })
  return { driven, target, clock }
}

describe('a run is a function of its seed', () => {
  test('the same requests, one by one; others of another seed', async () => {
    const [once, again, other] = [await run({}), await run({}), await run({ seed: 2 })]
    expect(once.target.asked.length).toBeGreaterThan(300)
    expect(again.target.asked).toEqual(once.target.asked)
    expect(again.driven).toEqual(once.driven)
    expect(other.target.asked).not.toEqual(once.target.asked)
  })

  test('instants do not depend on latency, what is asked does', async () => {
    const quick = await run({ fake: { serviceMs: 0.1 } })
    const slow = await run({ fake: { serviceMs: 9 } })
    const instants = ({ target }: typeof quick) => target.asked.map(({ at }) => at)
    expect(instants(slow)).toEqual(instants(quick))
    expect(slow.target.asked).not.toEqual(quick.target.asked)
    expect(slow.driven.measured.latency().quantile(0.5)).toBeGreaterThan(9)
  })

  test('every event is one that the API takes, told under an id of its own', async () => {
    const { target, driven, clock } = await run({ seconds: 20, rate: 60 })
    const { entries } = target
    expect(entries.length).toBeGreaterThan(1_500)
    expect(entries.map((entry) => entryProblem(entry)).filter(Boolean)).toEqual([])
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
    expect(entries.every(({ time }) => time <= clock.now())).toBe(true)
    const { accepted, visits, newcomers, deeds } = driven.doings
    expect(accepted).toBe(entries.length)
    expect(Object.keys(deeds)).toEqual(
      expect.arrayContaining(['impression', 'closeup', 'save', 'hide', 'outbound']),
    )
    expect(newcomers).toBeGreaterThan(0)
    expect(newcomers).toBeLessThan(visits / 10)
  })

  test('what was saved changes the next answers, and with them what is done', async () => {
    const heeded = await run({ seconds: 20 })
    const ignored = await run({ seconds: 20, fake: { heedsAfterMs: Number.POSITIVE_INFINITY } })
    const saves = heeded.target.entries.filter(({ kind }) => kind === 'save')
    expect(saves.length).toBeGreaterThan(8)
    // One visit saves no pin twice.
    const pins = new Set(saves.map(({ id, pin }) => `${id.split('-')[2]} ${pin}`))
    expect(pins.size).toBe(saves.length)
    expect(ignored.target.entries).not.toEqual(heeded.target.entries)
  })
})

describe('stalls', () => {
  const stall = [4_000, 4_800] as const

  test('eight tenths of a second in ten are seven tenths of p99', async () => {
    const calm = await run({ seconds: 10, rate: 1_000, fake: { serviceMs: 0.4 } })
    const stalled = await run({ seconds: 10, rate: 1_000, fake: { serviceMs: 0.4, stall } })
    expect(calm.driven.measured.latency().quantile(0.99)).toBeLessThan(10)
    const latency = stalled.driven.measured.latency()
    expect(latency.quantile(0.99)).toBeGreaterThan(700)
    expect(latency.max).toBeGreaterThanOrEqual(798)
    expect(stalled.driven.measured.answered).toBe(calm.driven.measured.answered)
  })

  test('the same where the client is what stalls, and it says so', async () => {
    const { driven } = await run({ seconds: 10, rate: 200, law: 'uniform', absentAtMs: 4_000 })
    expect(driven.measured.latency().quantile(0.99)).toBeGreaterThan(695)
    expect(driven.measured.lateness.quantile(0.99)).toBeGreaterThan(695)
    expect(driven.measured.lateness.quantile(0.9)).toBeLessThanOrEqual(1.01)
  })

  test('a client that waited would see nothing of it', async () => {
    const { driven } = await run({ seconds: 10, rate: 1_000, outstandingMax: 1, fake: { stall } })
    // With one request under way at a time, the stall is one slow answer among thousands.
    expect(driven.measured.latency().quantile(0.999)).toBeLessThan(10)
    expect(driven.measured.refused).toBeGreaterThan(700)
  })
})

describe('the books', () => {
  const chance = fc.double({ min: 0, max: 0.4, noNaN: true })

  test('every scheduled arrival ends in exactly one way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), chance, chance, async (seed, failing, hanging) => {
        const random = new Random(seed)
        const fails = () => {
          const u = random.unit()
          if (u < failing) return u < failing / 2 ? 'OVERLOADED' : 'WRONG_SHAPE'
          return u > 1 - hanging ? 'hang' : undefined
        }
        const more = { seed, warmUpMs: 500, outstandingMax: 40, interruptAtMs: 1_800 }
        const { driven, target } = await run({ ...more, seconds: 2, fake: { fails } })
        const { warmUp, measured, doings } = driven
        for (const { scheduled, sent, answered, failed, refused, unsettled } of [
          warmUp,
          measured,
        ]) {
          expect(unsettled).toBe(0)
          expect(sent).toBe(answered + failed)
          expect(scheduled).toBe(sent + refused)
        }
        expect(warmUp.sent + measured.sent).toBe(target.asked.length)
        const codes = [...measured.errors.values()].reduce((sum, count) => sum + count, 0)
        expect(codes).toBe(measured.failed + measured.refused)
        expect(doings.accepted).toBe(target.entries.length)
      }),
      { numRuns: 15 },
    )
  })

  test('beyond its bound the client refuses, and never waits in silence', async () => {
    const fake = { fails: () => 'hang' as const }
    const { driven } = await run({ outstandingMax: 10, seconds: 60, interruptAtMs: 3_000, fake })
    const { sent, refused, failed, scheduled, errors } = driven.measured
    expect([sent, failed]).toEqual([10, 10])
    expect(refused).toBe(scheduled - 10)
    expect(Object.fromEntries(errors)).toEqual({ CLIENT_BOUND: refused, INTERRUPTED: 10 })
    expect(driven.ended).toBe('interrupted')
    expect(scheduled).toBeLessThan(400)
  })

  test('a target that is gone ends the run, one that comes back does not', async () => {
    const dies = await run({
      seconds: 60,
      fake: { fails: (n) => (n > 200 ? 'REFUSED' : undefined) },
    })
    expect(dies.driven.ended).toBe('target gone')
    expect(dies.driven.measured.answered).toBe(201)
    expect(dies.driven.measured.scheduled).toBeLessThan(650)
    const fails = (n: number) => (n > 200 && n < 350 ? 'LOST' : undefined)
    const returns = await run({ seconds: 10, fake: { fails } })
    expect(returns.driven.ended).toBeUndefined()
    expect(returns.driven.measured.errors.get('LOST')).toBe(149)
  })
})
