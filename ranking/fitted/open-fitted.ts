import type { Interner, InternerMemory } from '../../base/index.ts'
import { openOnThread } from '../registry/model-thread.ts'
import type { FittedMemory } from './fitted-memory.ts'
import type { FittedManifest } from './fitted-store.ts'

export type FittedReading = {
  readonly folder: string
  readonly manifest: FittedManifest
  /** Outside ids of the host's pins. */
  readonly pins: InternerMemory
}

/** `pins` must lie in shared memory. MODEL_UNFIT, MODEL_TOO_LARGE. */
export function openFitted(
  folder: string,
  manifest: FittedManifest,
  pins: Interner,
): Promise<FittedMemory> {
  const reading: FittedReading = { folder, manifest, pins: pins.memory() }
  return openOnThread(new URL('./fitted-thread.ts', import.meta.url), reading)
}
