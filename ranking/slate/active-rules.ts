/**
 * Rules in force: their names as the host's dense numbers. A name that nobody has used yet gets its
 * number when it comes up, so that the first pin with a blocked tag is blocked.
 *
 * Names are looked for among the new ones only, by reading them: a thread that shares a table of
 * ids cannot search it.
 */
import type { Names } from '../../base/index.ts'
import { type FeatureReader, TAGS_KEPT } from '../features/feature-table.ts'
import { qualityOf } from './quality.ts'
import { rulesDefaults, type SlateRules } from './rules.ts'

/** Why a pin may not be shown. */
export type Refusal = 'blocked tag' | 'language' | 'quality'

export class ActiveRules {
  readonly rules: SlateRules
  readonly #tags: Pick<Names['tag'], 'id' | 'size'>
  readonly #blockedNames: ReadonlySet<string>
  readonly #allowedNames: ReadonlySet<string>
  readonly #blocked = new Set<number>()
  readonly #allowed = new Set<number>()
  /** Tags looked at so far. */
  #known = 0

  constructor(rules: SlateRules, tags: Pick<Names['tag'], 'id' | 'size'>) {
    this.rules = rules
    this.#tags = tags
    this.#blockedNames = new Set(rules.block.tags)
    this.#allowedNames = new Set(rules.languages.allow)
    this.#learn()
  }

  /** What refuses a pin by itself, or undefined; for the pins of one request. */
  refusals(features: FeatureReader): ((pin: number) => Refusal | undefined) | undefined {
    this.#learn()
    const { quality, languages } = this.rules
    const blocks = this.#blockedNames.size > 0
    const filters = this.#allowedNames.size > 0
    if (!blocks && !filters && quality.min === 0) return undefined
    return (pin) => {
      if (blocks && this.#isBlocked(features, pin)) return 'blocked tag'
      if (filters && !this.#speaks(features, pin, languages.unknown)) return 'language'
      return quality.min > 0 && qualityOf(features, pin) < quality.min ? 'quality' : undefined
    }
  }

  #isBlocked(features: FeatureReader, pin: number): boolean {
    if (this.#blocked.has(features.topic(pin))) return true
    for (let slot = 0; slot < TAGS_KEPT; slot++) {
      if (this.#blocked.has(features.tag(pin, slot))) return true
    }
    return false
  }

  #speaks(features: FeatureReader, pin: number, unknown: boolean): boolean {
    // 0 where there is none; else the number + 1.
    const language = features.fact(pin, 'language')
    return language === 0 ? unknown : this.#allowed.has(language - 1)
  }

  #learn(): void {
    if (this.#blockedNames.size + this.#allowedNames.size === 0) return
    for (const { size } = this.#tags; this.#known < size; this.#known++) {
      const name = this.#tags.id(this.#known)
      if (this.#blockedNames.has(name)) this.#blocked.add(this.#known)
      if (this.#allowedNames.has(name)) this.#allowed.add(this.#known)
    }
  }
}

/** Where a host was given no rules. */
export const defaultRules = new ActiveRules(rulesDefaults, { size: 0, id: () => '' })
