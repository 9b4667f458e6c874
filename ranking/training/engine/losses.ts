/** Losses: a number a row, to be weighed and averaged by who uses them. */
import { assert } from '../../../base/index.ts'
import { multiply, subtract } from './arithmetic.ts'
import { sigmoid, softplus } from './elementwise.ts'
import { softmax } from './normalise.ts'
import { node, sameDims, type Value } from './tape.ts'

/**
 * Binary cross-entropy of logits with labels from 0 to 1, of the same sizes: log(1 + e^x) - x ·
 * label, finite for any logit. Labels have no gradient.
 */
export function binaryCrossEntropy(logits: Value, labels: Value): Value {
  assert(sameDims(logits.dims, labels.dims), 'there is a label for each logit')
  const loss = subtract(softplus(logits), multiply(logits, labels))
  return logits.tape.operation('binary cross-entropy', logits.dims, {
    inputs: [logits, labels, loss],
    emit: ({ inputs, output }) => [{ operator: 'Identity', inputs: [inputs[2]!], output }],
    gradient: (up) => [multiply(up, subtract(sigmoid(logits), labels)), undefined, undefined],
  })
}

/**
 * Cross-entropy of a softmax over each row of `logits` [rows, classes] with the class that
 * `targets` [rows, 1] names: [rows, 1]. Over all items it is the full softmax; over one positive
 * in column 0 and drawn negatives, each less the logarithm of how often it is drawn, the sampled
 * one (Jean et al., 2015).
 */
export function softmaxCrossEntropy(logits: Value, targets: Value): Value {
  const rows = logits.dims[0]!
  assert(sameDims(targets.dims, [rows, 1]), 'there is a class for each row')
  const { tape } = logits
  return tape.operation('softmax cross-entropy', [rows, 1], {
    inputs: [logits, targets],
    emit: ({ inputs: [at, targetsAt], output, scratch }) => [
      {
        operator: 'LogSoftmax',
        inputs: [at!],
        output: scratch('log'),
        attributes: { axis: { int: 1 } },
      },
      {
        operator: 'GatherElements',
        inputs: [scratch('log'), targetsAt!],
        output: scratch('of target'),
        attributes: { axis: { int: 1 } },
      },
      { operator: 'Neg', inputs: [scratch('of target')], output },
    ],
    gradient: (up) => [multiply(up, lessOneAt(softmax(logits), targets)), undefined],
  })
}

/** x [rows, classes] less 1 in the column that `targets` names. */
function lessOneAt(x: Value, targets: Value): Value {
  const { tape } = x
  const less = new Array<number>(x.dims[0]!).fill(-1)
  return tape.operation('less one', x.dims, {
    inputs: [x, targets, tape.constant('less', targets.dims, less)],
    emit: node('ScatterElements', { axis: { int: 1 }, reduction: { text: 'add' } }),
    gradient: (up) => [up, undefined, undefined],
  })
}
