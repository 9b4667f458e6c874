/**
 * A run as it goes, on standard error: how far it is, how long it will take, and its rates with a
 * sparkline of the last minute. On a terminal these are a few lines that are drawn again; elsewhere
 * one line a second. It keeps the rates of every second, which are a report's line.
 */
import type { Clock } from '../../base/index.ts'
import { sparkline } from '../../simulator/index.ts'
import { barOf, shareOf, type Terminal } from './progress.ts'

const REDRAW_MS = 200
const SECOND_MS = 1000
const SPARK_WIDTH = 30

/** A figure beside the rate: "memory 1.2 GiB"; a count has no unit. */
export type Reading = { readonly name: string; readonly value: number; readonly unit: string }

export type LiveViewOptions = {
  readonly label: string
  /** What is counted, in the plural. */
  readonly unit: string
  readonly total?: number
  readonly clock: Clock
  readonly terminal?: Terminal
}

export class LiveView {
  readonly #options: LiveViewOptions & { readonly terminal: Terminal }
  readonly #began: number
  readonly #rates: number[] = []
  #drawn: number
  #second: number
  #doneThen = 0
  /** Lines on the terminal that the next drawing covers. */
  #lines = 0

  constructor(options: LiveViewOptions) {
    this.#options = { terminal: process.stderr, ...options }
    this.#began = options.clock.monotonic()
    this.#second = this.#began
    this.#drawn = Number.NEGATIVE_INFINITY
  }

  /** Draws when it is time; true when a second was over, so that the caller samples, too. */
  update(done: number, readings: () => readonly Reading[] = () => []): boolean {
    const { clock, terminal } = this.#options
    const now = clock.monotonic()
    const isSecond = now - this.#second >= SECOND_MS
    if (isSecond) {
      this.#rates.push(((done - this.#doneThen) * SECOND_MS) / (now - this.#second))
      this.#second = now
      this.#doneThen = done
    }
    if (terminal.isTTY) {
      if (now - this.#drawn >= REDRAW_MS) this.#block(done, readings(), now)
    } else if (isSecond) terminal.write(`${this.#line(done, readings(), now)}\n`)
    return isSecond
  }

  /** A line of its own, above what is drawn next. */
  say(line: string): void {
    this.#options.terminal.write(`${this.#over()}${line}\n`)
    this.#lines = 0
  }

  /** Draws the end. */
  finish(done: number, readings: readonly Reading[] = []): void {
    const now = this.#options.clock.monotonic()
    if (this.#options.terminal.isTTY) this.#block(done, readings, now)
    else this.#options.terminal.write(`${this.#line(done, readings, now)}\n`)
    this.#lines = 0
  }

  #block(done: number, readings: readonly Reading[], now: number): void {
    const { terminal, label, unit, total } = this.#options
    this.#drawn = now
    const share = shareOf(done, total)
    const bar = share === undefined ? '' : `${barOf(share)} ${percent(share)}  `
    const of = total === undefined ? '' : ` of ${total.toLocaleString('en')}`
    const rate = this.#rates.at(-1) ?? this.#mean(done, now)
    const indent = ' '.repeat(11)
    // A line that the terminal broke in two would not be covered by the next drawing.
    const most = (terminal.columns ?? 80) - 1
    const words = [this.#time(done, now), ...readings.map(readingText)]
    const lines = [
      `${label.padEnd(10)} ${bar}${done.toLocaleString('en')}${of} ${unit}`,
      `${indent}${compact(rate)} ${unit}/s  ${sparkline(this.#rates.slice(-60), SPARK_WIDTH)}`,
      ...wrapped(words, most - indent.length).map((line) => `${indent}${line}`),
    ]
    const text = lines.map((line) => `${[...line].slice(0, most).join('')}\n`).join('')
    terminal.write(`${this.#over()}${text}`)
    this.#lines = lines.length
  }

  #line(done: number, readings: readonly Reading[], now: number): string {
    const { label, unit, total } = this.#options
    const share = shareOf(done, total)
    const rate = this.#rates.at(-1) ?? this.#mean(done, now)
    return [
      `${label.padEnd(10)} ${done.toLocaleString('en')} ${unit}`,
      ...(share === undefined ? [] : [percent(share)]),
      `${compact(rate)} ${unit}/s`,
      this.#time(done, now),
      ...readings.map(readingText),
    ].join('  ')
  }

  /** Back to the first line of the last drawing, with nothing below. */
  #over(): string {
    return this.#lines === 0 ? '' : `\u001b[${this.#lines}F\u001b[J`
  }

  #mean(done: number, now: number): number {
    return (done * SECOND_MS) / Math.max(1, now - this.#began)
  }

  /** What is left at the mean rate; what has gone where that is not known or nothing is left. */
  #time(done: number, now: number): string {
    const { total } = this.#options
    const seconds = (now - this.#began) / SECOND_MS
    if (total === undefined || done === 0 || done >= total) return `${duration(seconds)} gone`
    return `${duration(((total - done) * seconds) / done)} left`
  }
}

/** Words on as few lines as hold them, two spaces between. */
function wrapped(words: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const longer = `${lines.at(-1)}  ${word}`
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const compact = (value: number) => short.format(value)

function readingText({ name, value, unit }: Reading): string {
  return `${name} ${compact(value)}${unit && ` ${unit}`}`
}

/** "41 s", "12 min 5 s", "3 h 20 min". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
