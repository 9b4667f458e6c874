/**
 * Fits factors to random pairs: the WASM kernel on one thread and on two, and its TypeScript twin,
 * which is the baseline. Examples are pairs of a user and an item, each against 128 drawn items.
 */
import { type Clock, hash32, Random } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { type Rows, rowsFrom } from '../algebra/index.ts'
import { fitSoftmaxFactors, softmaxFactorsDefaults } from '../models/factors/softmax-factors.ts'
import { fitHere } from '../models/factors/testing.ts'
import { TwinFitKernel } from '../models/factors/twin.ts'

const sizes = {
  small: { users: 200, items: 100, saves: 10, epochs: 1, rounds: 1, twinUsers: 50 },
  large: { users: 20_000, items: 10_000, saves: 20, epochs: 4, rounds: 3, twinUsers: 500 },
} as const
const SEED = 1

export const bench = {
  name: 'ranking/softmax-factors',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const { items, epochs, rounds } = options
    const rows = randomRows(options)
    const rates: Record<1 | 2, number[]> = { 1: [], 2: [] }
    const digests = new Set<number>()
    for (let round = 0; round < rounds; round++) {
      for (const threads of [1, 2] as const) {
        let rate = 0
        const onProgress = (told: { readonly rowsPerSecond: number }) => {
          rate = told.rowsPerSecond
        }
        const given = { epochs, threads, seed: SEED }
        const factors = await fitSoftmaxFactors(rows, items, given, { clock, onProgress })
        rates[threads].push(rate)
        digests.add(digestOf(factors.users, factors.items))
      }
    }
    const twin = await twinRate(options, clock)
    const { dimensions, negatives } = softmaxFactorsDefaults
    const [one, two] = [median(rates[1]), median(rates[2])]
    return {
      seed: SEED,
      options: { ...options, dimensions, negatives },
      examplesPerSecond: { one: Math.round(one), two: Math.round(two) },
      baseline: { name: 'the twin in TypeScript, one thread', examplesPerSecond: Math.round(twin) },
      ratio: Math.round((10 * one) / twin) / 10,
      digest: [...digests].map((digest) => digest.toString(16)).join(),
    }
  },
}

type Size = { readonly [name in keyof (typeof sizes)['small']]: number }

function randomRows({ users, items, saves }: Omit<Size, 'twinUsers'>): Rows {
  const random = new Random(SEED)
  const row = () => Array.from({ length: saves }, () => random.below(items))
  return rowsFrom(Array.from({ length: users }, row))
}

/** On fewer users: their number does not change what an example costs. */
async function twinRate({ twinUsers, ...size }: Size, clock: Clock): Promise<number> {
  const { items } = size
  const began = clock.monotonic()
  const { pairs } = await fitHere(
    {
      rows: randomRows({ ...size, users: twinUsers }),
      kernel: (memory, thread) => new TwinFitKernel(memory, thread),
      shape: { ...softmaxFactorsDefaults, items },
      plan: { ...softmaxFactorsDefaults, epochs: 1, seed: SEED },
    },
    clock,
  )
  return (1000 * pairs) / (clock.monotonic() - began)
}

function digestOf(...arrays: readonly Float32Array[]): number {
  let digest = 0
  for (const array of arrays) {
    for (const bits of new Uint32Array(array.buffer)) digest = hash32(bits, digest)
  }
  return digest
}
