/**
 * Impressions from the server's side, for callers who show all of an answer and cannot tell what
 * was seen of it: better is to tell what was, as the feed page does.
 */
import type { Clock, EventEntry } from '../../base/index.ts'
import { placeOf, type RequestPlace } from '../../ranking/index.ts'
import type { Recommender, RecommendReply } from './recommender-port.ts'

export type ShownPorts = {
  readonly recommender: Pick<Recommender, 'ingest'>
  readonly clock: Clock
  /** Hears why impressions of an answer are not in the log. */
  readonly lost: (reason: string) => void
}

/** One for each pin of an answer, as of its user, or of who owns its board. */
export function impressionsOf(
  { request, user, board, generation, model, items }: RecommendReply,
  time: number,
  place: Partial<RequestPlace> = {},
): EventEntry[] {
  if (user === undefined) return []
  const common = { request, generation, ...(model !== undefined && { model }) }
  const where = placeOf({ ...place, ...(board !== undefined && { board }) })
  return items.map(({ pin, propensity, sources: [source] }, rank) => ({
    kind: 'impression',
    id: `${request}.${rank}`,
    ...{ time, user, pin },
    context: { ...common, ...where, rank, propensity, ...(source !== undefined && { source }) },
  }))
}

/** Has the log hear what was shown, while the answer is on its way: nobody waits for it. */
export async function tellShown(
  answer: RecommendReply,
  place: Partial<RequestPlace>,
  { recommender, clock, lost }: ShownPorts,
): Promise<void> {
  const entries = impressionsOf(answer, clock.now(), place)
  if (entries.length === 0) return
  try {
    await recommender.ingest(entries)
  } catch (error) {
    lost(error instanceof Error ? error.message : String(error))
  }
}
