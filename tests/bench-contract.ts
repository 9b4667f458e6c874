/** What a bench file exports. */
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
