/** Entry of the thread that reads a fitted model, checks it, and leaves it in shared memory. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert, Interner, type InternerMemory, toWire, type WireError } from '../../base/index.ts'
import { type FittedMemory, fittedMemory } from './fitted-memory.ts'
import { type FittedManifest, readFitted } from './fitted-store.ts'

export type FittedReading = {
  readonly folder: string
  readonly manifest: FittedManifest
  /** Outside ids of the host's pins. */
  readonly pins: InternerMemory
}
export type FittedRead = { readonly memory: FittedMemory } | { readonly error: WireError }

assert(parentPort !== null, 'this file is the entry of a worker thread')
const { folder, manifest, pins } = workerData as FittedReading
let answer: FittedRead
try {
  const bytes = await readFitted(folder, manifest)
  answer = { memory: fittedMemory({ bytes, version: manifest.version }, indexOf(pins)) }
} catch (error) {
  answer = { error: toWire(error) }
}
parentPort.postMessage(answer)

/** Finds pins by their ids: what an interner finds by lies with the thread that fills it. */
function indexOf(memory: InternerMemory): { readonly find: (id: string) => number } {
  const known = new Interner({}, memory)
  const byId = new Map<string, number>()
  for (let pin = 0; pin < known.size; pin++) byId.set(known.id(pin), pin)
  return { find: (id) => byId.get(id) ?? -1 }
}
