/** How far a reader of the log is behind it. */
import type { Clock, EpochMs } from '../../../base/index.ts'

const LOOK_MS = 1_000

export type DelayOptions = {
  /** When the oldest frame behind what was read came; undefined where there is none. */
  readonly waitingSince: () => Promise<EpochMs | undefined>
  readonly clock: Clock
}

export class Delay {
  readonly #options: DelayOptions
  readonly #end: () => void
  /** How long the oldest frame that was not read had waited at the last look; 0: there was none. */
  ms = 0

  constructor(options: DelayOptions) {
    this.#options = options
    this.#end = options.clock.every(LOOK_MS, () => void this.look())
  }

  async look(): Promise<void> {
    const { waitingSince, clock } = this.#options
    try {
      const since = await waitingSince()
      this.ms = since === undefined ? 0 : Math.max(0, clock.now() - since)
    } catch {
      // Nobody knows while the log is away: it is as behind as it was.
    }
  }

  stop(): void {
    this.#end()
  }
}
