/** Finds pins by their ids: what an interner finds by lies with the thread that fills it. */
import { Interner, type InternerMemory } from '../../base/index.ts'

export function pinsById(memory: InternerMemory): Pick<Interner, 'find'> {
  const known = new Interner({}, memory)
  const byId = new Map<string, number>()
  for (let pin = 0; pin < known.size; pin++) byId.set(known.id(pin), pin)
  return { find: (id) => byId.get(id) ?? -1 }
}
