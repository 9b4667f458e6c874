/** The stream of a cluster, and that of its dead letters: made where missing, else checked. */
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { pinwheelError } from '../../base/index.ts'
import { FRAME_HEADER_BYTES } from '../log/frame.ts'
import { masked } from './connection.ts'

export type StreamOptions = {
  /** Lower-case letters, digits and dashes: clusters on one server have different ones. */
  readonly cluster: string
  readonly partitions: number
  /** After so long an entry is gone, whoever has read it. */
  readonly ageMsMax: number
  /** At so many bytes new entries are refused; the server sets them aside at once. */
  readonly bytesMax: number
  /** 1, or 3 on a cluster of servers. */
  readonly replicas: number
  /** Sequence of the first entry that the cluster ever had, where that is not 1. */
  readonly begin?: number
}

export const streamDefaults = Object.freeze({
  cluster: 'pinwheel',
  partitions: 16,
  ageMsMax: 30 * 24 * 60 * 60 * 1000,
  bytesMax: 16 * 2 ** 30,
  replicas: 1,
})

/** Packed entries of one message; one entry has 8 KiB at most. */
export const PAYLOAD_BYTES_MAX = 64 * 1024
const MESSAGE_BYTES_MAX = 2 * (PAYLOAD_BYTES_MAX + FRAME_HEADER_BYTES)
/** Of what a message carries; another number is another stream. */
const FORMAT = '1'
const FORMAT_NAME = 'pinwheel-format'
const BEGIN_NAME = 'pinwheel-begin'
/** Of a stream that is not whole. */
const FILLING = 'restoring'
/** The one subject of a stream that is shut begins so. */
const SHUT = 'pinwheel-shut.'
const NANOS_PER_MS = 1e6
/** How long the server knows a message's id. */
const DUPLICATE_MS = 120_000

export const streamName = (cluster: string) => `PINWHEEL_${cluster}`
export const deadName = (cluster: string) => `${streamName(cluster)}_DEAD`
const subjectsOf = (cluster: string) => `pinwheel.${cluster}.`
export const subjectOf = (cluster: string, partition: number | '*') =>
  `${subjectsOf(cluster)}${partition}`
export const partitionOf = (subject: string) => Number(subject.slice(subject.lastIndexOf('.') + 1))
export const fillSubject = (cluster: string, partition: number | '*') =>
  `pinwheel-filling.${cluster}.${partition}`
export const deadSubject = (cluster: string, partition: number | '*') =>
  `pinwheel-dead.${cluster}.${partition}`

/** INGEST_OTHER where a stream of that name has other settings. */
export async function ensureStreams(jsm: JetStreamManager, options: StreamOptions): Promise<void> {
  for (const wanted of wantedStreams(options)) await ensure(jsm, wanted)
}

/** The settings of a cluster's stream, and of that of its dead letters. */
export function wantedStreams(options: StreamOptions): readonly [log: Wanted, dead: Wanted] {
  const { cluster, partitions, ageMsMax, bytesMax, replicas, begin } = options
  const common = {
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: ageMsMax * NANOS_PER_MS,
    num_replicas: replicas,
    duplicate_window: Math.min(DUPLICATE_MS, ageMsMax) * NANOS_PER_MS,
    metadata: { [FORMAT_NAME]: FORMAT, ...(begin !== undefined && { [BEGIN_NAME]: `${begin}` }) },
  }
  const log = {
    ...common,
    name: streamName(cluster),
    subjects: Array.from({ length: partitions }, (_, partition) => subjectOf(cluster, partition)),
    max_bytes: bytesMax,
    max_msg_size: MESSAGE_BYTES_MAX,
    discard: DiscardPolicy.New,
    deny_delete: true,
    deny_purge: true,
  }
  const dead = {
    ...common,
    name: deadName(cluster),
    subjects: [deadSubject(cluster, '*')],
    max_bytes: Math.ceil(bytesMax / 64),
    discard: DiscardPolicy.Old,
  }
  return [log, dead]
}

/** The same while it is filled: nothing ages, and whoever would read or append is refused. */
export function fillingSettings(wanted: Wanted): Wanted {
  const metadata = { ...wanted.metadata, [FORMAT_NAME]: FILLING }
  return { ...wanted, max_age: 0, deny_delete: false, deny_purge: false, metadata }
}

/** What a stream is changed to that nobody shall read, or append to, any more. */
export function shutSettings({ name, metadata }: StreamConfig): Wanted {
  return {
    name,
    subjects: [SHUT + name],
    metadata: { ...metadata, [FORMAT_NAME]: FILLING },
  }
}

/**
 * The settings of a stream that is filled with new messages, from the sequence `first` on. It takes
 * them under other subjects than those who append know: they are refused until it is released.
 */
export function refillSettings(wanted: Wanted, cluster: string, first: number): Wanted {
  const src = fillSubject(cluster, '*')
  const subject_transform = { src, dest: `${subjectsOf(cluster)}{{wildcard(1)}}` }
  return { ...fillingSettings(wanted), first_seq: first, subjects: [src], subject_transform }
}

/** Hosts refuse one that is shut, or is being filled. */
export type StreamStage = {
  readonly is: 'missing' | 'whole' | 'shut' | 'filling'
  /** The sequence that it was made to begin with; 0 where that was not said. */
  readonly first: number
}

export function stageOf(config: StreamConfig | undefined): StreamStage {
  if (!config) return { is: 'missing', first: 0 }
  const { metadata, subjects, first_seq: first = 0 } = config
  if (metadata?.[FORMAT_NAME] !== FILLING) return { is: 'whole', first }
  return { is: subjects[0]?.startsWith(SHUT) ? 'shut' : 'filling', first }
}

/** Sequence of the first entry that the cluster ever had. */
export const beginOf = ({ metadata }: StreamConfig) => Number(metadata?.[BEGIN_NAME] ?? 1)

/** What the stream of a cluster was made with. INGEST_MISSING, and nothing is made. */
export async function foundStream(
  jsm: JetStreamManager,
  cluster: string,
  address: string,
): Promise<StreamOptions> {
  const config = await findSettings(jsm, streamName(cluster))
  if (!config) {
    const details = { stream: streamName(cluster), address: masked(address) }
    throw pinwheelError('INGEST_MISSING', details)
  }
  const { subjects, max_age, max_bytes, num_replicas } = config
  return {
    ...{ cluster, partitions: subjects.length, bytesMax: max_bytes, replicas: num_replicas },
    ...{ ageMsMax: max_age / NANOS_PER_MS, begin: beginOf(config) },
  }
}

export type Wanted = Partial<StreamConfig> & { readonly name: string }

async function ensure(jsm: JetStreamManager, wanted: Wanted): Promise<void> {
  const found = await findSettings(jsm, wanted.name)
  // Of two that make it at once the second finds it made.
  const config = found ?? (await jsm.streams.add(wanted)).config
  mustHave(config, wanted)
}

/** INGEST_OTHER for a stream of another format, and for one that is being filled. */
export function mustBeOurs(config: StreamConfig): void {
  mustHave(config, { name: config.name, metadata: { [FORMAT_NAME]: FORMAT } })
}

function mustHave(config: StreamConfig, wanted: Wanted): void {
  for (const [setting, expected] of Object.entries(wanted)) {
    const value = config[setting as keyof StreamConfig]
    if (isSame(value, expected)) continue
    const details = { stream: wanted.name, setting, found: told(value), expected: told(expected) }
    throw pinwheelError('INGEST_OTHER', details)
  }
}

/** The settings of a stream that is there. */
export async function findSettings(
  jsm: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  try {
    return (await jsm.streams.info(name)).config
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined
    throw error
  }
}

/** The server adds to lists of words of its own. */
function isSame(found: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object') return found === expected
  const has = Object(found) as Record<string, unknown>
  const entries = Object.entries(expected as Record<string, unknown>)
  if (Array.isArray(expected) && has['length'] !== expected.length) return false
  return entries.every(([key, value]) => has[key] === value)
}

const told = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : `${value}`)
