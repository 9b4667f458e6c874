/** Entry of the thread that reads a fitted model, checks it, and leaves it in shared memory. */
import { answerOnThread } from '../registry/model-thread.ts'
import { pinsById } from '../registry/pins-by-id.ts'
import { fittedMemory } from './fitted-memory.ts'
import { readFitted } from './fitted-store.ts'
import type { FittedReading } from './open-fitted.ts'

await answerOnThread(async ({ folder, manifest, pins }: FittedReading) => {
  const bytes = await readFitted(folder, manifest)
  return fittedMemory({ bytes, version: manifest.version }, pinsById(pins))
})
