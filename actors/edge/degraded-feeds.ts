/**
 * The rungs below a ranker: what the user was answered last, else what is popular. The list of the
 * popular is this edge's own and is made anew while rankers answer, so that it needs nobody.
 */
import { type Clock, limits } from '../../base/index.ts'
import type { Answer } from '../recommender/answer.ts'
import type { FeedCache } from './feed-cache.ts'

const POPULAR_EVERY_MS = 30_000

export type DegradedFeedsOptions = {
  readonly clock: Clock
  readonly cache: FeedCache | undefined
  /** Asks a ranker for somebody of whom nothing is known. */
  readonly askPopular: (limit: number) => Promise<Answer>
}

export type WantedFeed = {
  readonly user: string
  readonly generation: Answer['generation']
  readonly limit: number
  readonly exclude: readonly string[]
}

export class DegradedFeeds {
  readonly #options: DegradedFeedsOptions
  #popular: Answer | undefined
  readonly #end: () => void

  constructor(options: DegradedFeedsOptions) {
    this.#options = options
    this.#end = options.clock.every(POPULAR_EVERY_MS, () => void this.refresh())
  }

  close(): void {
    this.#end()
  }

  /** Makes the list of the popular where there is none yet. */
  async begin(): Promise<void> {
    if (!this.#popular) await this.refresh()
  }

  /** Makes it anew, where a ranker answers. */
  async refresh(): Promise<void> {
    const made = await this.#options.askPopular(limits.recommendationsMax).catch(() => undefined)
    if (made && made.items.length > 0) this.#popular = made
  }

  /** Kept for later; nobody waits for it. */
  remember(user: string, answer: Answer): void {
    if (answer.rung === 'popular' || answer.items.length === 0) return
    void this.#options.cache?.keep(user, answer)
  }

  async forget(user: string): Promise<void> {
    await this.#options.cache?.forget(user)
  }

  async cached(wanted: WantedFeed): Promise<Answer | undefined> {
    const found = await this.#options.cache?.find(wanted.user, wanted.generation)
    return found && without(found, wanted, 'cached')
  }

  popular(wanted: WantedFeed): Answer | undefined {
    return this.#popular && without(this.#popular, wanted, 'popular')
  }
}

function without(answer: Answer, wanted: WantedFeed, rung: 'cached' | 'popular'): Answer {
  const { trace: _trace, ...rest } = answer
  const gone = new Set(wanted.exclude)
  const items = answer.items.filter(({ pin }) => !gone.has(pin)).slice(0, wanted.limit)
  return { ...rest, generation: wanted.generation, rung, items }
}
