/**
 * Figures of the benches as a file that `simulate cluster` reads. Each bench is a process of its
 * own, one after the other; what they measure is processor time wherever they can.
 */
import { execFile } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pinwheelError } from '../../base/index.ts'

export type Size = 'small' | 'large'
type Figures = Readonly<Record<string, unknown>>

const runner = fileURLToPath(new URL('../../tests/bench.ts', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const BENCH_MS_MAX = 1_800_000
const OUTPUT_BYTES_MAX = 8 * 2 ** 20

/** What is run, in this order. */
export const calibrationBenches = [
  'serving/requests',
  'serving/deep-requests',
  'actors/ingest',
  'actors/activation',
  'ranking/batch',
  'graph/build',
  'simulator/bytes',
] as const
export type CalibrationBench = (typeof calibrationBenches)[number]

export type CalibrateOptions = {
  readonly size: Size
  readonly commit: string
  readonly date: string
  readonly onBench?: (name: CalibrationBench) => void
  /** Runs a bench; CALIBRATION_FAILED. */
  readonly run?: (name: CalibrationBench, size: Size) => Promise<Figures>
}

/** The document that `readCalibration` reads, with the load at which each bench ran. */
export async function calibrate(options: CalibrateOptions): Promise<Figures> {
  const { size, commit, date, onBench, run = runBench } = options
  const all: Partial<Record<CalibrationBench, Figures>> = {}
  for (const name of calibrationBenches) {
    onBench?.(name)
    all[name] = await run(name, size)
  }
  const found = all as Record<CalibrationBench, Figures>
  const part = (bench: CalibrationBench, ...path: string[]) => at(found[bench], bench, path)
  const batch = part('serving/requests', 'batch') as Figures
  const generations = (bench: CalibrationBench, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, part(bench, name)]))
  const bytes = (of: string, each: string) => ({
    each: part('simulator/bytes', of, each),
    ratio: part('simulator/bytes', of, 'ratio'),
    compressMsPerMegabyte: part('simulator/bytes', of, 'compressMsPerMegabyte'),
  })
  return {
    date,
    machine: `${cpus().length} cores, ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    commit,
    size,
    load: Object.fromEntries(calibrationBenches.map((name) => [name, found[name]['load']])),
    demo: generations('serving/requests', ['mixed', 'alive', 'event', 'batch']),
    large: generations('serving/deep-requests', ['mixed', 'tags', 'collaborative', 'deep']),
    eventsPerBatch: batch['events'],
    flushMs: {
      p50: part('actors/ingest', 'baseline', 'p50'),
      p99: part('actors/ingest', 'baseline', 'p99'),
    },
    activationsPerCpuSecond: part('actors/activation', 'activationsPerCpuSecond'),
    listMs: part('ranking/batch', 'cpuMsPerUser'),
    graphBytesPerEdge: part('graph/build', 'bytesPerEdgeWithNumbers'),
    bytes: {
      log: bytes('log', 'bytesPerEntry'),
      user: bytes('user', 'bytesEach'),
      pin: bytes('pin', 'bytesEach'),
    },
    loadAfter: loadavg()[0],
  }
}

function at(figures: Figures, bench: CalibrationBench, path: readonly string[]): unknown {
  let value: unknown = figures
  for (const name of path) value = (value as Figures | undefined)?.[name]
  if (value !== undefined) return value
  throw pinwheelError('CALIBRATION_FAILED', { bench, reason: `it has no ${path.join('.')}` })
}

function runBench(name: CalibrationBench, size: Size): Promise<Figures> {
  const words = [runner, name, '--size', size, '--json']
  const how = { cwd: root, timeout: BENCH_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, how, (error, out, err) => {
      const fail = (reason: string, cause: unknown) =>
        reject(pinwheelError('CALIBRATION_FAILED', { bench: name, reason }, cause))
      const last = err.trim().split('\n').at(-1)
      if (error) return fail(last || error.message, error)
      try {
        resolve(JSON.parse(out) as Figures)
      } catch (cause) {
        fail('its output is no JSON', cause)
      }
    })
  })
}
