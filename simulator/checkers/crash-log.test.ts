import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { SimulatedDisk } from '../faults/index.ts'
import { crashLog, type LogCrashOptions } from './index.ts'

const STATES = 10_000
const PER_RUN = 25

type Acknowledge = LogCrashOptions['acknowledge']

/** Runs seeds until so many states were seen, or something is wrong. */
async function run(
  states: number,
  acknowledge: Acknowledge,
  plant: (disk: SimulatedDisk) => void = () => {},
) {
  const sum = { states: 0, kills: 0, acknowledged: 0, seed: -1, violations: [] as string[] }
  while (sum.states < states && sum.violations.length === 0) {
    sum.seed++
    const disk = new SimulatedDisk()
    plant(disk)
    const random = new Random(sum.seed)
    const found = await crashLog({ random, disk, states: PER_RUN, acknowledge })
    sum.states += found.states
    sum.kills += found.kills
    sum.acknowledged += found.acknowledged
    sum.violations.push(...found.violations)
  }
  return sum
}

test('ten thousand states after power loss and kills: nothing acknowledged is lost', async () => {
  const { kills, acknowledged, seed, violations } = await run(STATES, 'flushed')
  expect({ seed, violations }).toEqual({ seed, violations: [] })
  expect(acknowledged).toBeGreaterThan(1_000)
  expect(kills).toBeGreaterThan(500)
}, 120_000)

test('what is acknowledged when it is written survives kills; power loss leaves a whole log', async () => {
  const { seed, violations } = await run(STATES / 4, 'written')
  expect({ seed, violations }).toEqual({ seed, violations: [] })
}, 120_000)

test.each<[string, Acknowledge, (disk: SimulatedDisk) => void]>([
  ['flushes that do nothing', 'flushed', (disk) => (disk.lies = true)],
  ['flushes of folders that do nothing', 'flushed', (disk) => (disk.liesAboutFolders = true)],
])('the checker finds %s', async (_what, acknowledge, plant) => {
  const { violations } = await run(STATES, acknowledge, plant)
  expect(violations.length).toBeGreaterThan(0)
})
