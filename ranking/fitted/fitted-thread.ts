/** Entry of the thread that reads a fitted model, checks it, and leaves it in shared memory. */
import { Interner, type InternerMemory } from '../../base/index.ts'
import { answerOnThread } from '../registry/model-thread.ts'
import { fittedMemory } from './fitted-memory.ts'
import { readFitted } from './fitted-store.ts'
import type { FittedReading } from './open-fitted.ts'

await answerOnThread(async ({ folder, manifest, pins }: FittedReading) => {
  const bytes = await readFitted(folder, manifest)
  return fittedMemory({ bytes, version: manifest.version }, indexOf(pins))
})

/** Finds pins by their ids: what an interner finds by lies with the thread that fills it. */
function indexOf(memory: InternerMemory): { readonly find: (id: string) => number } {
  const known = new Interner({}, memory)
  const byId = new Map<string, number>()
  for (let pin = 0; pin < known.size; pin++) byId.set(known.id(pin), pin)
  return { find: (id) => byId.get(id) ?? -1 }
}
