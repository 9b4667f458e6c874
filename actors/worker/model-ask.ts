/** How a worker is told of a model: what threads can share of it is made once. */
import { deepMemory, featureNames, type ModelKind } from '../../ranking/index.ts'
import type { Ask } from './messages.ts'

/**
 * MODEL_UNFIT for a deep model that is damaged or of other features; a worker judges the others.
 */
export async function modelAsk(bytes: Uint8Array, kind: ModelKind): Promise<Ask> {
  if (kind === 'light') return { what: 'use-model', bytes }
  return { what: 'use-deep', memory: await deepMemory(bytes, featureNames) }
}
