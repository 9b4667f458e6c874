/**
 * Steps a second of one core over a graph without structure, the worst case for caches: the WASM
 * kernel, its twin, one walker alone in TypeScript, and `walk-native.cpp` on the very same arrays
 * where a C++ compiler is there. A step is pin -> board -> pin; a walker begins anew with
 * probability 1/4. Counting is measured as queries of 100,000 steps with counters of their own, and
 * as one long walk. All take turns, several times; the best of each is given, with the median.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { buildGraph, GraphDelta, GraphView, wasmStore } from '../index.ts'
import { TwinKernel } from '../walk/twin.ts'
import { ALL_HOME, LANES, STATE_WORDS, type WalkKernel } from '../walk/walk-kernel.ts'
import { WasmKernel } from '../walk/wasm-kernel.ts'
import { evenWorld, writeForNative } from './worlds.ts'

const sizes = {
  small: { pins: 20_000, boards: 4_000, edges: 200_000, steps: 200_000, turns: 1 },
  large: { pins: 2_000_000, boards: 400_000, edges: 20_000_000, steps: 10_000_000, turns: 5 },
} as const
const SEED = 1
const QUERY_STEPS = 100_000
/** One in four, as a bound for 32 random bits. */
const RESTART = 2 ** 30 - 1

type Run = () => number

export const bench = {
  name: 'graph/walk',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const { steps, turns } = options
    const graph = buildGraph(evenWorld(options, SEED), wasmStore)
    const room = { pinCapacity: 1, boardCapacity: 1, edgeCapacity: 1 }
    const view = new GraphView(graph, GraphDelta.create(graph, room), 1)
    const wasm = new WasmKernel(0)
    const twin = new TwinKernel()
    const alone = Math.ceil(steps / 8)
    const rates = {
      wasm: [] as number[],
      wasmQueries: [] as number[],
      wasmLong: [] as number[],
      twin: [] as number[],
      twinQueries: [] as number[],
      one: [] as number[],
    }
    const checks: Record<string, number> = {}
    const time = (name: keyof typeof rates, work: Run, made: number) => {
      const began = clock.monotonic()
      checks[name] = work()
      rates[name].push((made * 1000) / (clock.monotonic() - began))
    }
    const native = prepareNative(graph, size)
    const natives: Native[] = []
    for (let turn = 0; turn < turns; turn++) {
      time('wasm', () => plain(wasm, view, steps), steps)
      time('wasmQueries', () => counting(wasm, view, steps, QUERY_STEPS), steps)
      time('wasmLong', () => counting(wasm, view, steps, steps), steps)
      time('twin', () => plain(twin, view, steps), steps)
      time('twinQueries', () => counting(twin, view, steps, QUERY_STEPS), steps)
      time('one', () => oneWalker(view, alone), alone)
      if (native) natives.push(native.run(steps))
    }
    native?.remove()
    const best = Object.fromEntries(
      Object.entries(rates).map(([name, list]) => [name, Math.max(...list)]),
    ) as Record<keyof typeof rates, number>
    return {
      seed: SEED,
      options: { ...options, walkers: LANES, querySteps: QUERY_STEPS },
      stepsPerSecond: Math.round(best.wasm),
      countingStepsPerSecond: Math.round(best.wasmQueries),
      countingLongStepsPerSecond: Math.round(best.wasmLong),
      twinStepsPerSecond: Math.round(best.twin),
      twinCountingStepsPerSecond: Math.round(best.twinQueries),
      oneWalkerStepsPerSecond: Math.round(best.one),
      median: Object.fromEntries(
        Object.entries(rates).map(([name, list]) => [name, Math.round(median(list))]),
      ),
      ...(natives.length > 0
        ? againstNative(natives, best)
        : { baseline: 'no C++ compiler here: nothing to compare with' }),
      ratioTwinToOneWalker: round(best.twin / best.one),
      ratioTwinToWasm: round(best.twin / best.wasm),
      kernelsAgree: checks['wasmQueries'] === checks['twinQueries'],
      digest: (checks['wasmQueries']! >>> 0).toString(16),
    }
  },
}

function stateFor(query: number): Uint32Array {
  const state = new Uint32Array(STATE_WORDS)
  for (let i = 0; i < 12; i++) state[i] = Math.imul(i + 7 + query, 0x9e3779b1)
  return state.fill(1, 12, 16)
}

function begin(kernel: WalkKernel, view: GraphView, query: number, steps: number): void {
  kernel.home.fill(nodeFor(view, query))
  kernel.homeLabel.fill(0)
  kernel.begin(view, { state: stateFor(query), labels: 1, steps })
  kernel.round(LANES, ALL_HOME)
}

function nodeFor(view: GraphView, query: number): number {
  return (query * 7919 + 5000) % view.frozen.pinNodes
}

/** Returns a checksum of where walkers stood. */
function plain(kernel: WalkKernel, view: GraphView, steps: number): number {
  begin(kernel, view, 0, 1)
  let sum = 0
  for (let made = LANES; made < steps; made += LANES) {
    kernel.round(LANES, RESTART)
    sum = (sum + kernel.at[0]!) | 0
  }
  return sum
}

function counting(kernel: WalkKernel, view: GraphView, steps: number, each: number): number {
  let sum = 0
  for (let query = 0; query * each < steps; query++) {
    begin(kernel, view, query, each)
    kernel.count(LANES, 0)
    for (let made = LANES; made < each; made += LANES) {
      kernel.round(LANES, RESTART)
      kernel.count(LANES, 0)
    }
    sum = (Math.imul(sum, 31) + kernel.slots()[1]! + kernel.at[0]!) | 0
  }
  return sum
}

/** A plain walk: every step waits for four loads, each of which waits for the one before. */
function oneWalker({ frozen }: GraphView, steps: number): number {
  const { pinOffset, pinBoards, boardOffset, boardPins } = frozen
  let a = 1
  let b = 2
  let c = 3
  let d = 1
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return t >>> 0
  }
  const home = 5000 % frozen.pinNodes
  let at = home
  let sum = 0
  for (let i = 0; i < steps; i++) {
    if (next() <= RESTART) at = home
    const first = pinOffset[at]!
    const board = pinBoards[first + Math.floor(next() * 2 ** -32 * (pinOffset[at + 1]! - first))]!
    const start = boardOffset[board]!
    at = boardPins[start + Math.floor(next() * 2 ** -32 * (boardOffset[board + 1]! - start))]!
    sum = (sum + at) | 0
  }
  return sum
}

type Native = { readonly stepsPerSecond: number; readonly countingStepsPerSecond: number }

function prepareNative(graph: ReturnType<typeof buildGraph>, size: keyof typeof sizes) {
  if (spawnSync('g++', ['--version']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-bench-'))
  const program = join(folder, 'walk-native')
  const source = fileURLToPath(new URL('walk-native.cpp', import.meta.url))
  const optimised = size === 'large' ? ['-O3', '-march=native'] : ['-O1']
  execFileSync('g++', [...optimised, '-std=c++17', '-o', program, source])
  const file = join(folder, 'graph.pbg')
  writeForNative(graph, file)
  const run = (steps: number): Native => {
    const args = ['--graph', file, '--steps', String(steps), '--repeat', '1']
    return JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as Native
  }
  return { run, remove: () => rmSync(folder, { recursive: true }) }
}

function againstNative(
  natives: readonly Native[],
  best: { readonly wasm: number; readonly wasmQueries: number; readonly wasmLong: number },
) {
  const plainRate = Math.max(...natives.map((n) => n.stepsPerSecond))
  const countingRate = Math.max(...natives.map((n) => n.countingStepsPerSecond))
  return {
    baseline: {
      name: 'walk-native.cpp, same arrays, best of its widths',
      stepsPerSecond: plainRate,
      countingStepsPerSecond: countingRate,
    },
    ratio: round(best.wasm / plainRate),
    countingRatio: round(best.wasmQueries / countingRate),
    countingLongRatio: round(best.wasmLong / countingRate),
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
