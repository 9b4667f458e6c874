/** The stream as an edge has it: appends, and how far behind whoever reads it is. */
import type { EpochMs } from '../../base/index.ts'
import type { JetStreamLog, JetStreamLogOptions, StreamSizes } from '../ingest/index.ts'
import type { Receipt } from '../log/index.ts'

export interface EdgeLog {
  readonly partitions: number
  /** INGEST_BUSY, INGEST_UNREACHABLE, LOG_WRITE_FAILED. */
  append(partition: number, payload: Uint8Array, count: number): Promise<Receipt>
  /** When the oldest frame of a partition behind a position came; undefined where there is none. */
  waitingSince(partition: number, position: number): Promise<EpochMs | undefined>
  sizes(): Promise<StreamSizes>
  close(): Promise<void>
}

/** INGEST_UNREACHABLE, INGEST_OTHER. Its client is only loaded where it is used. */
export async function openEdgeLog(options: JetStreamLogOptions): Promise<EdgeLog> {
  const { JetStreamLog } = await import('../ingest/index.ts')
  return JetStreamLog.open(options)
}

/** The stream of a cluster as it was made, for an operator. INGEST_UNREACHABLE, INGEST_MISSING. */
export async function openFoundLog(
  options: Pick<JetStreamLogOptions, 'url' | 'clock' | 'cluster'>,
): Promise<JetStreamLog> {
  const { JetStreamLog } = await import('../ingest/index.ts')
  return JetStreamLog.openFound(options)
}
