/**
 * Attention (Vaswani et al., "Attention is all you need", 2017, section 3.2), made of the other
 * operations, which pass its gradient.
 */
import { assert } from '../../../base/index.ts'
import { add, scale } from './arithmetic.ts'
import { softmax } from './normalise.ts'
import { flipped, products } from './products.ts'
import { reshape, transpose } from './shapes.ts'
import type { Dims, Value } from './tape.ts'

/** Of one sequence after the other: queries [batch, length, width], keys and values alike. */
export type Attended = {
  readonly queries: Value
  readonly keys: Value
  readonly values: Value
  /** Divides the width. */
  readonly heads: number
  /**
   * Added to the logits of each query and key, and repeated where its sizes are 1: [batch or 1,
   * heads or 1, queries or 1, keys]. A great negative number hides a key.
   */
  readonly bias?: Value
}

/** softmax(q kᵀ / √d + bias) v of every head, the heads side by side again: as `queries`. */
export function attention({ queries, keys, values, heads, bias }: Attended): Value {
  const width = queries.dims[2]!
  assert(width % heads === 0, 'heads divide the width')
  const logits = products(split(queries, heads), flipped(split(keys, heads)))
  const scaled = scale(logits, 1 / Math.sqrt(width / heads))
  const weights = softmax(bias ? add(scaled, bias) : scaled)
  return joined(products(weights, split(values, heads)), queries.dims)
}

/** [batch, length, width] to [batch, heads, length, width / heads]. */
function split(x: Value, heads: number): Value {
  const [batch, length, width] = x.dims
  return transpose(reshape(x, [batch!, length!, heads, width! / heads]), [0, 2, 1, 3])
}

function joined(x: Value, dims: Dims): Value {
  return reshape(transpose(x, [0, 2, 1, 3]), dims)
}
