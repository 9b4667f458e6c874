/** Cards of pins whose actors live on different threads. */
import type { PinIndex } from '../../../base/index.ts'
import type { PinActorCard } from '../../pin-actor.ts'
import type { WorkerHandle } from '../../worker/worker-handle.ts'
import type { Crew } from './crew.ts'

/** By pin, asked of their owners at once; undefined for a pin that has no actor. */
export async function cardsOf(
  crew: Crew,
  pins: readonly PinIndex[],
): Promise<(PinActorCard | undefined)[]> {
  const byWorker = new Map<WorkerHandle, number[]>()
  pins.forEach((pin, i) => {
    const worker = crew.of(pin)
    const list = byWorker.get(worker)
    if (list) list.push(i)
    else byWorker.set(worker, [i])
  })
  const cards: (PinActorCard | undefined)[] = pins.map(() => undefined)
  const asks = [...byWorker].map(async ([worker, places]) => {
    const wanted = places.map((i) => pins[i]!)
    const ask = { what: 'cards', pins: wanted } as const
    const found = await worker.ask<(PinActorCard | undefined)[]>(ask)
    places.forEach((place, k) => {
      cards[place] = found[k]
    })
  })
  await Promise.all(asks)
  return cards
}
