/**
 * Where somebody looks, in words that features tell apart: of a request, and of the impressions
 * that came of it, by one function.
 */
import type { EventContext } from '../../base/index.ts'

export const devices = ['phone', 'tablet', 'desktop', 'other'] as const
/** `home`: a feed that answers to nothing but the user. */
export const surfaces = ['home', 'related', 'board', 'search', 'other'] as const
export type Device = (typeof devices)[number]
export type Surface = (typeof surfaces)[number]
export type RequestPlace = { readonly device: Device; readonly surface: Surface }

export const placeDefaults: RequestPlace = Object.freeze({ device: 'other', surface: 'home' })

type Place = Pick<EventContext, keyof RequestPlace> & {
  /** What is asked of, which says where that is while nobody does. */
  readonly board?: unknown
  readonly relatedTo?: unknown
}

/** A log may have words of its operator's own: they are `other`. */
export function placeOf({ device, surface, board, relatedTo }: Place): RequestPlace {
  const beside = relatedTo === undefined ? placeDefaults.surface : 'related'
  return {
    device: known(devices, device ?? placeDefaults.device),
    surface: known(surfaces, surface ?? (board === undefined ? beside : 'board')),
  }
}

function known<Word extends string>(words: readonly Word[], word: string): Word | 'other' {
  return words.find((each) => each === word) ?? 'other'
}
