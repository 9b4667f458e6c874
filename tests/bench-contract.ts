/** What a bench file exports, and what they share. */
import type { Clock } from '../base/index.ts'

export type Bench = {
  /** folder/what */
  readonly name: string
  /** Figures by name, with a checksum of the work done. */
  readonly run: (options: {
    readonly size: 'small' | 'large'
    readonly clock: Clock
  }) => Promise<Readonly<Record<string, unknown>>> | Readonly<Record<string, unknown>>
}

/** The one in the middle; of an even number the upper. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
