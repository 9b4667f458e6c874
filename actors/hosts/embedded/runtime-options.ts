/** How an embedded host is set up. */
import type { Clock, DeclaredKinds, Logger } from '../../../base/index.ts'
import type { AnyActorType } from '../../actor.ts'
import type { FileLogOptions } from '../../log/index.ts'
import type { TypeModule } from '../../worker/messages.ts'
import type { NameSizes } from '../../worker/shared-names.ts'
import type { Threads } from '../../worker/threads.ts'
import type { WorkerBounds } from '../../worker/worker-handle.ts'

export type RuntimeOptions = NameSizes & {
  readonly directory: string
  readonly workers: number
  readonly partitions: number
  readonly clock: Clock
  readonly logger: Logger
  /** Hears how far the log has been read at start: entries so far. */
  readonly onRecovered?: (entries: number) => void
  /** Much will be ingested at once: no background builds until `open` is called. */
  readonly bulk?: boolean
  /** How the log lies on the disk, where it is not as usual. */
  readonly files?: Omit<FileLogOptions, 'directory' | 'partitions' | 'onFailure'>
  /** Hears that the log acknowledges nothing any more: what the disk holds is unknown. */
  readonly onLogFailure?: (reason: string) => void
  /** Actor types beside users and pins. */
  readonly types?: readonly HostedModule[]
  /** Bytes of users and pins in memory, over all workers; by default no bound. */
  readonly stateBytesMax?: number
  /** Weights of the operator's own kinds of event. */
  readonly kinds?: DeclaredKinds
  /** Bytes of entries between two base snapshots, at least; by default they are asked for. */
  readonly snapshotBytes?: number
  /** Bytes of the log to keep, where base snapshots allow to drop some; by default all. */
  readonly logBytes?: number
  readonly ports?: RuntimePorts
}

/** What the host stands on beside disk and clock, where it is not as usual: in a simulator. */
export type RuntimePorts = {
  readonly threads?: Threads
  /** Takes the directory for this process; its release. */
  readonly lock?: (directory: string) => Promise<() => void>
  readonly bounds?: Partial<WorkerBounds>
  /** Entries of a partition among which a resend is known. */
  readonly duplicateWindow?: number
}

/** A type that this thread has loaded, and how workers load it. */
export type HostedModule = TypeModule & { readonly type: AnyActorType }
