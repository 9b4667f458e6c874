/**
 * A ranker from an ONNX file: ours or an operator's own. The file names its features in the
 * metadata key `features`; they must be those that this program computes, in order.
 */
import { createHash } from 'node:crypto'
import { pinwheelError } from '../../base/index.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { OnnxSession, onnxMetadata } from '../onnx/index.ts'
import type { RankerModel } from '../pipeline/services.ts'

/** The version of a model: the first 12 hexadecimal digits of the SHA-256 of its file. */
export function modelVersion(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}

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
  const expected = featureNames.join(',')
  if (named !== expected) {
    const reason = `its features are ${named ?? 'not named'}; expected ${expected}`
    throw pinwheelError('MODEL_UNFIT', { name: version, reason })
  }
  const session = await OnnxSession.open(bytes, version, featureNames.length)
  return {
    version,
    inputs: featureNames,
    score: (matrix, rows) => session.run(matrix, rows),
  }
}
