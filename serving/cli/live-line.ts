/** The line of a live run on standard error: redrawn on a terminal, a line a second elsewhere. */
import type { Second } from '../../simulator/index.ts'

/** Standard error, or what stands in for it. */
type Out = { readonly isTTY?: boolean; write(text: string): unknown }

export class LiveLine {
  readonly #out: Out
  #isDrawn = false

  constructor(out: Out) {
    this.#out = out
  }

  second({ second, scheduled, errors, p50Ms, p99Ms }: Second): void {
    const figures = [
      `${second + 1} s`,
      `${scheduled.toLocaleString('en')} req/s`,
      `p50 ${ms(p50Ms)}`,
      `p99 ${ms(p99Ms)}`,
      `errors ${errors.toLocaleString('en')}`,
    ]
    const line = `live       ${figures.join('  ')}`
    this.#out.write(this.#out.isTTY ? `\r${line}\u001b[K` : `${line}\n`)
    this.#isDrawn = true
  }

  /** A line of its own. */
  say(line: string): void {
    this.#out.write(this.#out.isTTY ? `\r${line}\u001b[K\n` : `${line}\n`)
    this.#isDrawn = false
  }

  /** What is written next begins a line. */
  end(): void {
    if (this.#out.isTTY && this.#isDrawn) this.#out.write('\n')
    this.#isDrawn = false
  }
}

const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`
