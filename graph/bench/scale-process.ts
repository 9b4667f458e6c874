/**
 * One process of `scale.bench.ts`: builds and saves, or loads and walks. Prints a JSON document.
 */
import { systemClock } from '../../base/index.ts'
import {
  buildGraph,
  GraphDelta,
  GraphView,
  loadGraph,
  saveGraph,
  WalkScratch,
  walk,
  wasmStore,
} from '../index.ts'
import { bytesPerEdge } from './build.bench.ts'
import { evenWorld, type World } from './worlds.ts'

type Given = World & { readonly part: 'build' | 'load'; readonly file: string; seed: number }

const given = JSON.parse(process.argv[2]!) as Given
const seconds = async <T>(work: () => T | Promise<T>): Promise<[T, number]> => {
  const began = systemClock.monotonic()
  const done = await work()
  return [done, Math.round(systemClock.monotonic() - began) / 1000]
}

async function build() {
  const stream = evenWorld(given, given.seed)
  const [, streamSeconds] = await seconds(() => {
    let count = 0
    for (const chunk of stream.chunks()) count += chunk.count
    return count
  })
  const [graph, buildSeconds] = await seconds(() => buildGraph(stream, wasmStore))
  const residentAfterBuild = process.memoryUsage().rss
  const [, saveSeconds] = await seconds(() => saveGraph(graph, given.file))
  return {
    edges: graph.edgeCount,
    ...bytesPerEdge(graph),
    /** The stream is made twice within a build; once alone it takes so long. */
    streamSeconds,
    buildSeconds,
    edgesPerSecond: Math.round(given.edges / (buildSeconds - 2 * streamSeconds)),
    residentAfterBuild,
    saveSeconds,
  }
}

async function load() {
  const [frozen, loadSeconds] = await seconds(() => loadGraph(given.file, wasmStore))
  const pinCapacity = frozen.nodeOfPin.length
  const room = { pinCapacity: 1, boardCapacity: 1, edgeCapacity: 1 }
  const view = new GraphView(frozen, GraphDelta.create(frozen, room), 1)
  const scratch = new WalkScratch(pinCapacity)
  const seeds = [0, 1, 2].map((i) => ({ pin: frozen.pinOfNode[5000 * (i + 1)] ?? 0, weight: 1 }))
  const options = { steps: 100_000, restart: 0.25, top: 1000, degreeExponent: 0 }
  const walkAll = (count: number) => {
    let steps = 0
    for (let seed = 0; seed < count; seed++) {
      steps += walk(view, seeds, [], scratch, { ...options, seed }).steps
    }
    return steps
  }
  walkAll(5)
  const [steps, walkSeconds] = await seconds(() => walkAll(100))
  return {
    loadSeconds,
    memories: new Set(Object.values(frozen.memory().wasm ?? {})).size,
    walkSeconds,
    stepsPerSecond: Math.round(steps / walkSeconds),
  }
}

const result = given.part === 'build' ? await build() : await load()
const residentBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(`${JSON.stringify({ ...result, residentBytes })}\n`)
