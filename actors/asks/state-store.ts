/**
 * Where commanded actors' states are kept, as a port: the last bytes of each by type and outside
 * id.
 */
export interface StateStore {
  get(type: string, id: string): Uint8Array | undefined
  /** Resolves when the state is durable. LOG_WRITE_FAILED: the former one stands. */
  put(type: string, id: string, bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}
