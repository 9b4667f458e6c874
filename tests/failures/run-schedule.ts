/** One schedule over a cluster that stands: faults, load, and what was so afterwards. */
import { eventSlot, kindCode, systemClock } from '../../base/index.ts'
import { Driver, type FeedTally } from './driver.ts'
import type { Oracle, Violation } from './oracle.ts'
import { type Step, scheduleOf } from './schedule.ts'
import type { SupervisedCluster } from './supervised-cluster.ts'

export type Outcome = {
  readonly seed: number
  readonly steps: readonly Step[]
  readonly acknowledged: number
  readonly resent: number
  readonly violations: readonly Violation[]
  readonly feeds: FeedTally
  /** From the end of the last fault until every count was right. */
  readonly rightAfterMs: number
}

/** Load goes on for so long behind the last fault. */
const AFTER_MS = 2_000
/** Questions at one time. */
const TOGETHER = 8
/** In which everything that was acknowledged must have had its effect. */
const SETTLE_MS = 60_000

export async function runSchedule(
  cluster: SupervisedCluster,
  seed: number,
  {
    settleMs = SETTLE_MS,
    plant,
  }: {
    readonly settleMs?: number
    /** Does wrong, or has the oracle expect it, so that it is known that it would be found. */
    readonly plant?: (oracle: Oracle) => void | Promise<void>
  } = {},
): Promise<Outcome> {
  const steps = scheduleOf(seed)
  const driver = new Driver(seed, cluster.apis)
  await driver.begin()
  driver.start()
  await Promise.all(
    steps.map(async ({ fault, which, atMs, forMs }) => {
      await systemClock.sleep(atMs)
      const undo = await cluster.inflict(fault, which)
      await systemClock.sleep(forMs)
      undo()
    }),
  )
  const over = systemClock.monotonic()
  await systemClock.sleep(AFTER_MS)
  await driver.end()
  const { oracle, feeds, resent } = driver
  await plant?.(oracle)
  const wrong = await settle(cluster, oracle, settleMs)
  const rightAfterMs = Math.round(systemClock.monotonic() - over)
  const violations = [...oracle.violations, ...wrong]
  return { seed, steps, acknowledged: oracle.acknowledged, resent, violations, feeds, rightAfterMs }
}

/** What is wrong still when it has had its time. */
async function settle(
  cluster: SupervisedCluster,
  oracle: Oracle,
  settleMs: number,
): Promise<Violation[]> {
  const late = systemClock.monotonic() + settleMs
  // What was found last stands where nobody answers for a moment.
  let found: Violation[] | undefined
  for (;;) {
    let wrong: Violation[]
    try {
      wrong = found = await look(cluster, oracle)
    } catch (error) {
      wrong = found ?? [{ what: 'lost', about: `nobody says: ${String(error).slice(0, 500)}` }]
    }
    // What was doubled stays so, but a host that is stale may say it for a moment.
    if (wrong.length === 0 || systemClock.monotonic() > late) return wrong
    await systemClock.sleep(500)
  }
}

async function look({ apis }: SupervisedCluster, oracle: Oracle): Promise<Violation[]> {
  const ask = async (path: string) => {
    const address = `http://127.0.0.1:${apis[0]}${path}`
    const reply = await fetch(address, { signal: AbortSignal.timeout(8_000) })
    const text = await reply.text()
    if (!reply.ok) throw new Error(text)
    return JSON.parse(text) as Record<string, unknown>
  }
  const users = oracle.users.map((user) => async () => {
    const { state } = (await ask(`/v1/users/${user}/state`)) as { state: UserState }
    const times = state.actions.map(({ time }) => time)
    const closeups = state.counts[eventSlot(kindCode.closeup)] ?? Number.NaN
    return [oracle.judge('user', user, closeups), oracle.judgeOrder(user, times)]
  })
  const pins = oracle.pins.map((pin) => async () => {
    const { closeups } = (await ask(`/v1/pins/${pin}`)) as { closeups: number }
    return [oracle.judge('pin', pin, closeups)]
  })
  const found: (Violation | undefined)[] = []
  const asks = [...users, ...pins]
  // An API takes fewer at one time for a while when answers were slow.
  for (let n = 0; n < asks.length; n += TOGETHER) {
    const some = asks.slice(n, n + TOGETHER)
    found.push(...(await Promise.all(some.map((judge) => judge()))).flat())
  }
  return found.flatMap((violation) => violation ?? [])
}

type UserState = {
  /** By kind of event. */
  readonly counts: readonly number[]
  readonly actions: readonly { readonly time: number }[]
}
