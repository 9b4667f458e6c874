/**
 * The report of a run, on disk from its first second on: FILE.html and beside it FILE.json. Both
 * are written whole under another name and renamed, so that whoever looks finds a whole one; until
 * the run has ended they are marked partial. A kill leaves the last; a signal that asks for the end
 * writes one more. Written in one go on the thread of the run, a few milliseconds every few
 * seconds: a run may leave no room for anything else.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type Clock, pinwheelError } from '../../base/index.ts'
import { type RunReport, reportHtml, reportJson } from '../../simulator/index.ts'

export type ReportFileOptions = {
  /** Ends in .html. */
  readonly path: string
  readonly clock: Clock
  /** Milliseconds between two partial reports. */
  readonly everyMs?: number
  /** Told once in a row of failures: the run goes on without. */
  readonly onProblem?: (problem: Error) => void
}

export const reportFileDefaults = Object.freeze({ everyMs: 5_000, onProblem: () => {} })

const RUNNING = 'The run had not ended when this was written.'

export class ReportFile {
  readonly #options: Required<ReportFileOptions>
  #written = Number.NEGATIVE_INFINITY
  #isFailing = false

  constructor(options: ReportFileOptions) {
    this.#options = { ...reportFileDefaults, ...options }
  }

  get jsonPath(): string {
    return this.#options.path.replace(/\.html$/, '.json')
  }

  /** The first word of a run; FILE_UNWRITABLE where nothing can be written there. */
  begin(report: RunReport): void {
    this.#write({ ...report, partial: RUNNING })
  }

  /**
   * Writes a partial report when the last one is old; a disk that refuses does not end a run. Then
   * lets signals be heard: a run that only waits for promises would never hear one.
   */
  async offer(make: () => RunReport): Promise<void> {
    const { clock, everyMs } = this.#options
    if (clock.monotonic() - this.#written >= everyMs) this.#try({ ...make(), partial: RUNNING })
    await clock.yield()
  }

  /** Writes what there is of a run that came to no end. */
  keep(report: RunReport, reason: string): void {
    this.#try({ ...report, partial: reason })
  }

  /** The whole report, flushed; FILE_UNWRITABLE. */
  finish(report: RunReport): void {
    this.#write(report, true)
  }

  #try(report: RunReport): void {
    try {
      this.#write(report)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) this.#options.onProblem(error as Error)
      this.#isFailing = true
    }
  }

  #write(report: RunReport, isFlushed = false): void {
    const { path, clock } = this.#options
    // Also after a failure: one try for each interval.
    this.#written = clock.monotonic()
    replaceWhole(this.jsonPath, reportJson(report), isFlushed)
    replaceWhole(path, reportHtml(report), isFlushed)
  }
}

function replaceWhole(path: string, text: string, isFlushed: boolean): void {
  const fresh = `${path}.new`
  try {
    const file = openSync(fresh, 'w')
    try {
      writeFileSync(file, text)
      if (isFlushed) fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, { force: true })
    const reason = error instanceof Error ? error.message : String(error)
    throw pinwheelError('FILE_UNWRITABLE', { path, reason }, error)
  }
}

export type Tick = () => Promise<void>

/**
 * Runs with a report from begin to end: `draft` is what there is to tell so far, and the run awaits
 * `tick` as often as it likes. Where the run throws or is told to stop, a partial report stays.
 */
export async function withReport<T>(
  file: ReportFile | undefined,
  draft: () => RunReport,
  run: (tick: Tick) => Promise<T>,
): Promise<T> {
  if (!file) return run(async () => {})
  file.begin(draft())
  const stopListening = onSignals((signal) => {
    file.keep(draft(), `The run was told to stop (${signal}).`)
    stopListening()
    // As it would have ended without us, unless somebody else ends it in order.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  })
  try {
    const result = await run(() => file.offer(draft)).catch((error: unknown) => {
      file.keep(draft(), `The run failed: ${error instanceof Error ? error.message : error}`)
      throw error
    })
    file.finish(draft())
    return result
  } finally {
    stopListening()
  }
}

const stops = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function onSignals(task: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of stops) process.on(signal, task)
  return () => {
    for (const signal of stops) process.off(signal, task)
  }
}
