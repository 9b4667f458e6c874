/** Entry of the thread that reads a deep ranker and multiplies its tables. */
import { deepFeatureNames } from '../../features/feature-matrix.ts'
import { answerOnThread } from '../../registry/model-thread.ts'
import { pinsById } from '../../registry/pins-by-id.ts'
import { readModel } from '../../registry/registry.ts'
import { deepMemory } from './deep-model.ts'
import type { DeepReading } from './open-deep.ts'

await answerOnThread(async ({ directory, manifest, pins }: DeepReading) =>
  deepMemory(await readModel(directory, manifest), deepFeatureNames, pinsById(pins)),
)
