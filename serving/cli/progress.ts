/**
 * A progress line on standard error: redrawn on a terminal, a line every few seconds elsewhere.
 */
import type { Clock } from '../../base/index.ts'

const REDRAW_MS = 100
const PLAIN_MS = 5000
const WIDTH = 28

/** Where progress is shown: standard error, as a rule. */
export type Terminal = {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly write: (text: string) => unknown
}

export class Progress {
  readonly #label: string
  readonly #unit: string
  readonly #clock: Clock
  readonly #started: number
  #drawn = Number.NEGATIVE_INFINITY

  constructor(label: string, unit: string, clock: Clock) {
    this.#label = label
    this.#unit = unit
    this.#clock = clock
    this.#started = clock.monotonic()
  }

  /** `total` undefined where it is not known. */
  update(done: number, total?: number): void {
    const now = this.#clock.monotonic()
    const wait = process.stderr.isTTY ? REDRAW_MS : PLAIN_MS
    if (now - this.#drawn < wait) return
    this.#drawn = now
    this.#draw(done, total, process.stderr.isTTY ? '\r' : '\n')
  }

  /** A line of its own, above what is drawn next. */
  say(line: string): void {
    process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K\n` : `${line}\n`)
  }

  /** Draws the end, with the rate. */
  finish(done: number): void {
    this.#draw(done, done, process.stderr.isTTY ? '\r' : '\n')
    if (process.stderr.isTTY) process.stderr.write('\n')
  }

  #draw(done: number, total: number | undefined, edge: string): void {
    const seconds = Math.max(1e-3, (this.#clock.monotonic() - this.#started) / 1000)
    const rate = `${Math.round(done / seconds).toLocaleString('en')} ${this.#unit}/s`
    const count = done.toLocaleString('en')
    const share = shareOf(done, total)
    const bar = share === undefined ? '' : `${barOf(share)} `
    const line = `${this.#label.padEnd(10)} ${bar}${count} ${this.#unit}  ${seconds.toFixed(1)} s  ${rate}`
    process.stderr.write(edge === '\r' ? `\r${line}\u001b[K` : `${line}\n`)
  }
}

/** From 0 to 1; undefined where the whole is not known. */
export function shareOf(done: number, total: number | undefined): number | undefined {
  return total === undefined || total === 0 ? undefined : Math.min(1, done / total)
}

export function barOf(share: number): string {
  const filled = Math.round(WIDTH * share)
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
}
