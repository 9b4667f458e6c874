/** An answer as callers see it: outside ids, and of every pin the card that a page shows. */
import type { Names, PinIndex } from '../../base/index.ts'
import type { GenerationName, RankReply, Rung, TraceEntry } from '../../ranking/index.ts'
import type { PinActorCard } from '../pin-actor.ts'

export type PinCard = Omit<PinActorCard, 'gone' | 'topic' | 'language' | 'tags'> & {
  readonly id: string
  readonly topic?: string
  readonly tags: readonly string[]
  readonly language?: string
}

/** What a ranker knows of an answer; for whom it is, and its name, know others. */
export type Answer = {
  readonly generation: GenerationName
  readonly rung: Rung
  readonly epoch: number
  readonly model?: string
  readonly items: readonly {
    readonly pin: string
    readonly score: number
    readonly propensity: number
    readonly sources: readonly string[]
    readonly because?: string
    readonly becauseTitle?: string
    readonly features?: Readonly<Record<string, number>>
    readonly card: PinCard
  }[]
  readonly trace?: readonly TraceEntry[]
}

export type AnswerServices = {
  readonly names: Names
  /** By pin; undefined for one that has no actor. */
  readonly cards: (pins: readonly PinIndex[]) => Promise<(PinActorCard | undefined)[]>
}

/** With its trace only where that is asked for. */
export async function answerOf(
  reply: RankReply,
  explain: boolean,
  { names, cards: cardsOf }: AnswerServices,
): Promise<Answer> {
  const shown = reply.pins.map(({ pin }) => pin)
  const seeds = [...new Set(reply.pins.flatMap(({ because }) => because ?? []))]
  const cards = await cardsOf([...shown, ...seeds])
  const titles = new Map(seeds.map((seed, i) => [seed, cards[shown.length + i]?.title]))
  const items = reply.pins.flatMap((ranked, i) => {
    const card = cards[i]
    // Deleted between ranking and now.
    if (!card || card.gone) return []
    const title = ranked.because === undefined ? undefined : titles.get(ranked.because)
    return {
      pin: names.pin.id(ranked.pin),
      score: ranked.score,
      propensity: ranked.propensity,
      sources: ranked.sources,
      ...(ranked.because !== undefined && { because: names.pin.id(ranked.because) }),
      ...(title !== undefined && { becauseTitle: title }),
      ...(ranked.features && { features: ranked.features }),
      card: cardWithIds(ranked.pin, card, names),
    }
  })
  return {
    generation: reply.generation,
    rung: reply.rung,
    epoch: reply.epoch,
    ...(reply.model !== undefined && { model: reply.model }),
    items,
    ...(explain && { trace: reply.trace }),
  }
}

export function cardWithIds(pin: PinIndex, card: PinActorCard, names: Names): PinCard {
  const { gone: _gone, topic, language, tags, ...rest } = card
  return {
    id: names.pin.id(pin),
    ...rest,
    ...(topic !== undefined && { topic: names.tag.id(topic) }),
    ...(language !== undefined && { language: names.tag.id(language) }),
    tags: tags.map((tag) => names.tag.id(tag)),
  }
}
