/**
 * A ranker from an ONNX file: ours or an operator's own. The file names its features in the
 * metadata key `features`; they must be those that this program computes, in order.
 */
import { pinwheelError } from '../../base/index.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { OnnxSession, onnxMetadata } from '../onnx/index.ts'
import type { RankerModel } from '../pipeline/services.ts'
import { modelVersion } from '../registry/model-version.ts'

/** MODEL_UNFIT when the bytes are no ONNX ranker for these features. */
export async function loadRanker(bytes: Uint8Array): Promise<RankerModel> {
  const version = modelVersion(bytes)
  let named: string | undefined
  try {
    named = onnxMetadata(bytes)['features']
  } catch (error) {
    const reason = `it is not an ONNX file (${(error as Error).message})`
    throw pinwheelError('MODEL_UNFIT', { name: version, reason }, error)
  }
  const reason = featuresProblem(named)
  if (reason !== undefined) throw pinwheelError('MODEL_UNFIT', { name: version, reason })
  const session = await OnnxSession.open(bytes, version, featureNames.length)
  return {
    version,
    inputs: featureNames,
    score: (matrix, rows) => session.run(matrix, rows),
  }
}

function featuresProblem(named: string | undefined): string | undefined {
  if (named === undefined) return 'its features are not named'
  const names = named.split(',')
  const longest = Math.max(names.length, featureNames.length)
  for (let i = 0; i < longest; i++) {
    if (names[i] === featureNames[i]) continue
    const [is, expected] = [names[i] ?? 'missing', featureNames[i] ?? 'none']
    return `feature ${i + 1} of ${names.length} is ${is}; expected ${expected}`
  }
  return undefined
}
