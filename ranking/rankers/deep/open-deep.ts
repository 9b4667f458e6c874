import { openOnThread } from '../../registry/model-thread.ts'
import type { Manifest } from '../../registry/registry.ts'
import type { DeepMemory } from './deep-model.ts'

export type DeepReading = { readonly directory: string; readonly manifest: Manifest }

/** A deep ranker of the registry, in memory that threads share. MODEL_UNFIT. */
export function openDeep(directory: string, manifest: Manifest): Promise<DeepMemory> {
  const reading: DeepReading = { directory, manifest }
  return openOnThread(new URL('./deep-thread.ts', import.meta.url), reading)
}
