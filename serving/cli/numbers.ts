/** Numbers as flags give them. */
import { InvalidArgumentError } from 'commander'

export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === '') {
    throw new InvalidArgumentError('It must be a whole number of 0 or more.')
  }
  return value
}

/** A number of `low` or more. */
export function numberFrom(low: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isFinite(value) && value >= low && text.trim() !== '') return value
    throw new InvalidArgumentError(`It must be a number of ${low} or more.`)
  }
}

/** Names with commas between them. */
export function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
