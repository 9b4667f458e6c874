/** Numbers as the flags of live load give them: rates, counts, shares. */
import { InvalidArgumentError } from 'commander'
import { wholeNumber } from './numbers.ts'

/** A number above 0. */
export function above0(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}

/** A whole number of 1 or more. */
export function count(text: string): number {
  const value = wholeNumber(text)
  if (value > 0) return value
  throw new InvalidArgumentError('It must be a whole number of 1 or more.')
}

/** Two rates, not both 0. */
export function ramp(text: string): readonly [number, number] {
  const ends = text.split(':').map((end) => (end.trim() === '' ? Number.NaN : Number(end)))
  const [from = Number.NaN, to = Number.NaN] = ends
  if (ends.length === 2 && from >= 0 && to >= 0 && from + to > 0 && from + to < 1e9) {
    return [from, to]
  }
  throw new InvalidArgumentError('It must be two rates like 10:500, not both 0.')
}

/** A share, or percent with the sign. */
export function share(text: string): number {
  const percent = /^(.+)%$/.exec(text.trim())?.[1]
  const value = percent === undefined ? Number(text) : Number(percent) / 100
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('It must be a share from 0 to 1, or percent like .1%.')
}
