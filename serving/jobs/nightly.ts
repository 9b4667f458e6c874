/**
 * The nightly job of generation 2: the lists of users who were active lately, chunk by chunk, by
 * the newest fitted model. It takes no lock, so a server may run, and reads lists as they appear.
 * What a run that was ended had written is not made again.
 */
import { contextsFromLog, type FoldedUsers, LogFollower } from '../../actors/index.ts'
import { type Clock, type DeclaredKinds, hashId, pinwheelError } from '../../base/index.ts'
import {
  bestItems,
  chunkOf,
  FittedModel,
  fittedFolder,
  fittedMemory,
  ListRun,
  latestFitted,
  listLength,
  listsFolder,
  readFitted,
  type UserList,
  userKey,
} from '../../ranking/index.ts'

export type NightlyOptions = {
  readonly directory: string
  /** Where lists go; the directory's own place by default. */
  readonly folder?: string
  /** Users whose last action is not older. */
  readonly days: number
  /** Users of a chunk, about. */
  readonly chunkUsers: number
  /** Of dense products. */
  readonly threads: number
  readonly clock: Clock
  readonly kinds: DeclaredKinds
  readonly pinsMax: number
  readonly boardsMax: number
  /** CPU of this process so far, in microseconds. */
  readonly cpuUs: () => number
  readonly onFold?: (entries: number) => void
  readonly onList?: (done: number, total: number) => void
}

export type NightlyReport = {
  readonly model: string
  readonly users: number
  readonly active: number
  readonly chunks: number
  /** Chunks that a run before had written, and the lists in them. */
  readonly resumedChunks: number
  readonly resumedLists: number
  readonly lists: number
  readonly bytes: number
  readonly foldSeconds: number
  readonly listSeconds: number
  /** Of lists made now: scores, the best of them, and the writing; without reading the log. */
  readonly cpuMsPerList: number
}

export const nightlyDefaults = Object.freeze({ days: 30, chunkUsers: 512 })
const DAY_MS = 24 * 3_600_000
/** Users whose scores are computed by one product. */
const TOGETHER = 64

/** CONFIG_INVALID where there is no model; MODEL_UNFIT, and what reading a log throws. */
export async function nightly(options: NightlyOptions): Promise<NightlyReport> {
  const { directory, days, chunkUsers, threads, clock, cpuUs, onFold, onList } = options
  const model = fittedFolder(directory)
  const manifest = await latestFitted(model)
  if (!manifest) {
    const problems = `jobs nightly needs a fitted model in ${model}: run \`pinwheel train\` first.`
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const { version } = manifest
  const started = clock.monotonic()
  const log = await LogFollower.open({ directory, fromStart: true })
  const folded = await contextsFromLog(log, { ...options, ...(onFold && { onProgress: onFold }) })
  const bytes = await readFitted(model, manifest)
  const fitted = new FittedModel(fittedMemory({ bytes, version }, folded.names.pin), threads)
  const foldedAt = clock.monotonic()
  const now = clock.now()
  const activeSince = now - days * DAY_MS
  const folder = options.folder ?? listsFolder(directory)
  const active = folded.users.filter((user) => {
    const { lastActive, savedCount } = folded.contextOf(user)
    return lastActive >= activeSince && savedCount > 0
  })
  const chunks = Math.max(1, Math.ceil(active.length / chunkUsers))
  const facts = { version, startedAt: now, chunks, activeSince }
  const run = (await ListRun.newest(folder, now, version)) ?? (await ListRun.begin(folder, facts))
  const parts = partsOf(active, folded, run.facts.chunks)
  const cpu = cpuUs()
  const counts = { resumedChunks: 0, resumedLists: 0, lists: 0, bytes: 0 }
  for (const [chunk, users] of parts.entries()) {
    const there = await run.chunk(chunk)
    if (there) {
      counts.resumedChunks++
      counts.resumedLists += there.size
    } else {
      const lists = await listsOf(users, folded, fitted, clock)
      counts.bytes += await run.put(chunk, lists)
      counts.lists += lists.size
    }
    onList?.(counts.lists + counts.resumedLists, active.length)
  }
  const cpuMs = (cpuUs() - cpu) / 1_000
  await run.removeOthers(folder)
  const seconds = (from: number, to: number) => Math.round(to - from) / 1000
  return {
    model: version,
    users: folded.users.length,
    active: active.length,
    chunks: parts.length,
    ...counts,
    foldSeconds: seconds(started, foldedAt),
    listSeconds: seconds(foldedAt, clock.monotonic()),
    cpuMsPerList: Math.round((1_000 * cpuMs) / Math.max(1, counts.lists)) / 1_000,
  }
}

function partsOf(active: readonly number[], { names }: FoldedUsers, chunks: number): number[][] {
  const parts = Array.from({ length: chunks }, (): number[] => [])
  for (const user of active) parts[chunkOf(names.user.id(user), chunks)]!.push(user)
  return parts
}

async function listsOf(
  users: readonly number[],
  { names, contextOf }: FoldedUsers,
  model: FittedModel,
  clock: Clock,
): Promise<Map<string, UserList>> {
  const lists = new Map<string, UserList>()
  const { version, pinOf } = model
  for (let from = 0; from < users.length; from += TOGETHER) {
    const some = users.slice(from, from + TOGETHER).flatMap((user) => {
      const { exclude, savedCount } = contextOf(user)
      const history = model.itemsOf(exclude.slice(0, savedCount).reverse())
      return history.length === 0 ? [] : [{ id: names.user.id(user), exclude, history }]
    })
    if (some.length === 0) continue
    const { columns, values } = await model.scoreItems(
      some.map(({ id }) => hashId(id)),
      some.map(({ history }) => history),
    )
    const at = clock.now()
    some.forEach(({ id, exclude }, row) => {
      const scores = values.subarray(row * columns, (row + 1) * columns)
      const out = new Set<number>(exclude)
      const items = bestItems(scores, listLength, (item) => !out.has(pinOf[item]!))
      const own = Float32Array.from(items, (item) => scores[item]!)
      lists.set(userKey(id), { version, at, items, scores: own })
    })
    await clock.yield()
  }
  return lists
}
