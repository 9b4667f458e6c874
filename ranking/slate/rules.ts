/**
 * The operator's rules of a slate, as data: what may be shown, how much of one kind, how different
 * the pins are to be, and how many are drawn by chance. `readRules` makes them from a document;
 * nothing here knows where that lies.
 */

/** How many pins of one key a slate may have: `count`, and `share` of its length, at most. */
export type Cap = {
  readonly count?: number
  /** Of the pins asked for, rounded up, at least 2. */
  readonly share?: number
}

/** What caps count by; what costs least to look up first. */
export const capKinds = ['topic', 'board', 'creator'] as const
export type CapKind = (typeof capKinds)[number]
export type Caps = Readonly<Partial<Record<CapKind, Cap>>>

export const diversityMethods = ['off', 'mmr', 'dpp'] as const
export const exploreFrom = ['reserve', 'fresh'] as const

export type SlateRules = {
  readonly caps: {
    /** Hold for every answer, which is shorter where nothing else is left. */
    readonly hard: Caps
    /** Hold while there is something else to show. */
    readonly soft: Caps
  }
  readonly block: {
    /** Names: a pin with one of them, as a tag or as its topic, is never shown. */
    readonly tags: readonly string[]
  }
  readonly languages: {
    /** Names; an empty list allows all. */
    readonly allow: readonly string[]
    /** Whether a pin without a language is shown where only some are allowed. */
    readonly unknown: boolean
  }
  /** Least quality (`qualityOf`), 0 to 1; 0 leaves nobody out. */
  readonly quality: { readonly min: number }
  /** What the last `requests` answers of the last `hours` showed comes again only at the end. */
  readonly served: { readonly requests: number; readonly hours: number }
  /** Whether pins that are the same thing (`likenessOf`) may stand beside each other. */
  readonly duplicates: { readonly allow: boolean }
  readonly diversity: {
    readonly method: (typeof diversityMethods)[number]
    /** Weight of relevance, 0 to 1; 1 is the order of scores. */
    readonly lambda: number
    /** The best by score that are chosen from; the others come after them. */
    readonly pool: number
  }
  readonly explore: {
    /** Places of an answer that chance may fill; 0 is none. */
    readonly slots: number
    /** Probability that it does, of each place. */
    readonly chance: number
    /** The best that did not make it, or the newest. */
    readonly from: (typeof exploreFrom)[number]
    /** How many are drawn from, over all places. */
    readonly pool: number
  }
}

/** How a slate is made where no rules are given. */
export const slateDefaults = Object.freeze({
  /** Share of the slate that one topic may take, at least 2 pins. */
  topicShare: 0.6,
  perBoard: 4,
})

export const rulesDefaults: SlateRules = Object.freeze({
  caps: {
    hard: {},
    soft: { board: { count: slateDefaults.perBoard }, topic: { share: slateDefaults.topicShare } },
  },
  block: { tags: [] },
  languages: { allow: [], unknown: true },
  quality: { min: 0 },
  served: { requests: 0, hours: 24 },
  duplicates: { allow: false },
  diversity: { method: 'off', lambda: 0.7, pool: 500 },
  explore: { slots: 0, chance: 0.1, from: 'reserve', pool: 50 },
})

/** Pins of one key in a slate of `limit`; no bound where the cap names none. */
export function roomOf(cap: Cap | undefined, limit: number): number {
  const share = cap?.share === undefined ? Number.POSITIVE_INFINITY : cap.share * limit
  return Math.min(cap?.count ?? Number.POSITIVE_INFINITY, Math.max(2, Math.ceil(share)))
}
