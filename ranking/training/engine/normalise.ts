/** Softmax and layer normalisation, both along the last axis. */
import { assert } from '../../../base/index.ts'
import { add, divide, multiply, scale, shift, subtract, sumTo } from './arithmetic.ts'
import { squareRoot } from './elementwise.ts'
import { meanAlong, sumAlong } from './reductions.ts'
import { node, type Value } from './tape.ts'

export function softmax(x: Value): Value {
  const last = x.dims.length - 1
  return x.tape.operation('softmax', x.dims, {
    inputs: [x],
    emit: node('Softmax', { axis: { int: last } }),
    gradient: (up, y) => {
      const part = multiply(up, y)
      return [subtract(part, multiply(y, sumAlong(part, last)))]
    },
  })
}

const layerNormEpsilon = 1e-5

/**
 * (x - mean) / deviation · gain + offset, each row of the last axis by its own (Ba, Kiros and
 * Hinton, "Layer normalization", 2016). `gain` and `offset` have the last axis' size.
 */
export function layerNorm(x: Value, gain: Value, offset: Value): Value {
  const last = x.dims.length - 1
  const fits = gain.dims.length === 1 && gain.dims[0] === x.dims[last]
  assert(fits && offset.dims[0] === x.dims[last], 'gain and offset are as long as a row')
  return x.tape.operation('layer norm', x.dims, {
    inputs: [x, gain, offset],
    emit: node('LayerNormalization', {
      axis: { int: last },
      epsilon: { float: layerNormEpsilon },
    }),
    gradient: (up) => {
      const centred = subtract(x, meanAlong(x, last))
      const variance = meanAlong(multiply(centred, centred), last)
      const deviation = squareRoot(shift(variance, layerNormEpsilon))
      const unit = divide(centred, deviation)
      const byUnit = multiply(up, gain)
      const along = multiply(unit, meanAlong(multiply(byUnit, unit), last))
      const straight = add(meanAlong(byUnit, last), along)
      return [
        divide(subtract(byUnit, straight), deviation),
        sumTo(multiply(up, unit), gain.dims),
        sumTo(up, offset.dims),
      ]
    },
  })
}

/** Rows of the last axis at length 1, with a floor under what they are divided by. */
export function unitRows(x: Value): Value {
  const last = x.dims.length - 1
  return divide(x, squareRoot(shift(sumAlong(multiply(x, x), last), 1e-12)))
}

/** Rows of the last axis scaled by 1 / temperature: cosines become logits. */
export function sharpen(x: Value, temperature: number): Value {
  return scale(x, 1 / temperature)
}
