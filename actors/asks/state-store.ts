/**
 * Where commanded actors' states are kept, as a port: the last bytes of each by type and outside
 * id, and what turns emitted until it is in the log.
 */
import type { EmittedEvent } from '../actor.ts'

export interface StateStore {
  get(type: string, id: string): Uint8Array | undefined
  /**
   * Resolves when the state and what its turn emitted are durable, both or neither.
   * LOG_WRITE_FAILED: the former state stands, nothing was emitted.
   */
  put(type: string, id: string, bytes: Uint8Array, emitted?: readonly EmittedEvent[]): Promise<void>
  /**
   * Resolves when everything emitted by states that were put is in the log. A rejection says only
   * that it is not there yet.
   */
  sent(): Promise<void>
}
