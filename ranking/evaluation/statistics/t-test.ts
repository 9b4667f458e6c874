/**
 * Differences of means with Student's t: of pairs that share their chance (the same seed, the same
 * world), and of two groups that share none (Welch 1947). Values must not depend on each other:
 * rows of one user are one value.
 */
import { pinwheelError } from '../../../base/index.ts'
import type { Interval } from '../labelled/index.ts'
import { studentBound, studentTail } from './student.ts'

export type MeanDifference = {
  readonly mean: number
  readonly standardError: number
  /** 95 %. */
  readonly interval: Interval
  /** Of no difference, two-sided. */
  readonly p: number
  readonly degrees: number
}

/** Of differences within pairs, two or more; else EVALUATION_DATA. */
export function pairedT(differences: ArrayLike<number>): MeanDifference {
  const { mean, squaredError } = meanOf(differences, 'pairs')
  return difference(mean, squaredError, differences.length - 1)
}

/** `treated` less `control`, two values or more of each; else EVALUATION_DATA. */
export function welchT({
  treated,
  control,
}: {
  readonly treated: ArrayLike<number>
  readonly control: ArrayLike<number>
}): MeanDifference {
  const one = meanOf(treated, 'treated values')
  const other = meanOf(control, 'control values')
  const squaredError = one.squaredError + other.squaredError
  const degrees =
    squaredError ** 2 /
    (one.squaredError ** 2 / (treated.length - 1) + other.squaredError ** 2 / (control.length - 1))
  // Groups without spread have no degrees of their own.
  const known = Number.isNaN(degrees) ? treated.length + control.length - 2 : degrees
  return difference(one.mean - other.mean, squaredError, known)
}

function meanOf(values: ArrayLike<number>, what: string) {
  const count = values.length
  if (count < 2) {
    throw pinwheelError('EVALUATION_DATA', { reason: `${count} ${what} have no spread; give more` })
  }
  let mean = 0
  for (let i = 0; i < count; i++) mean += values[i]! / count
  let squares = 0
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2
  return { mean, squaredError: squares / (count - 1) / count }
}

function difference(mean: number, squaredError: number, degrees: number): MeanDifference {
  const standardError = Math.sqrt(squaredError)
  const half = studentBound(0.05, degrees) * standardError
  const p = mean === 0 ? 1 : studentTail(mean / standardError, degrees)
  return { mean, standardError, interval: [mean - half, mean + half], p, degrees }
}
