import type { Interner, InternerMemory } from '../../../base/index.ts'
import { openOnThread } from '../../registry/model-thread.ts'
import type { Manifest } from '../../registry/registry.ts'
import type { DeepMemory } from './deep-model.ts'

export type DeepReading = {
  readonly directory: string
  readonly manifest: Manifest
  /** Outside ids of the host's pins. */
  readonly pins: InternerMemory
}

/**
 * A deep ranker of the registry, in memory that threads share; `pins` must lie in such memory.
 * MODEL_UNFIT.
 */
export function openDeep(
  directory: string,
  manifest: Manifest,
  pins: Interner,
): Promise<DeepMemory> {
  const reading: DeepReading = { directory, manifest, pins: pins.memory() }
  return openOnThread(new URL('./deep-thread.ts', import.meta.url), reading)
}
