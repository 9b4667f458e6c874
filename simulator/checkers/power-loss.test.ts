import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { SimulatedDisk } from '../faults/index.ts'
import { losePower } from './index.ts'

const STATES = 10_000
const PER_RUN = 25

async function run(seeds: number, plant: (disk: SimulatedDisk) => void = () => {}) {
  const sum = { states: 0, acknowledged: 0, seed: -1, violations: [] as string[] }
  for (let seed = 0; seed < seeds && sum.violations.length === 0; seed++) {
    const disk = new SimulatedDisk()
    plant(disk)
    const found = await losePower({ random: new Random(seed), disk, states: PER_RUN })
    sum.states += found.states
    sum.acknowledged += found.acknowledged
    sum.seed = seed
    sum.violations.push(...found.violations)
  }
  return sum
}

test('ten thousand states after power loss: nothing acknowledged is lost, nothing is made up', async () => {
  const { states, acknowledged, seed, violations } = await run(Math.ceil((STATES * 1.2) / PER_RUN))
  expect({ seed, violations }).toEqual({ seed, violations: [] })
  expect(states).toBeGreaterThanOrEqual(STATES)
  expect(acknowledged).toBeGreaterThan(1_000)
}, 120_000)

test.each<[string, (disk: SimulatedDisk) => void]>([
  ['flushes that do nothing', (disk) => (disk.lies = true)],
  ['flushes of folders that do nothing', (disk) => (disk.liesAboutFolders = true)],
])('the checker finds %s', async (_what, plant) => {
  const { violations } = await run(1_000, plant)
  expect(violations.length).toBeGreaterThan(0)
})
