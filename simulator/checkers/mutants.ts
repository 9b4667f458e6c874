/**
 * Bugs that are planted to see that the laws find them: patches of the real classes, put in for a
 * run and taken out after it. Nothing but `--mutants` and the tests switches them on.
 */
import {
  BlockFolder,
  Dump,
  DuplicateWindow,
  type EntryBatch,
  Feeder,
  Outbox,
  PartitionLog,
  PinActor,
  RecordBlock,
  Residents,
  Revival,
  StateLog,
  UserActor,
} from '../../actors/index.ts'
import { kindCode } from '../../base/index.ts'
import type { Planted } from './run-seed.ts'

export type Mutant = {
  /** What the host does wrong. */
  readonly name: string
  /** The law that must find it. */
  readonly law: string
  readonly planted?: Planted
  /** Puts the bug in; the returned function takes it out. */
  readonly patch?: () => () => void
}

/** Replaces a method by what `make` makes of it. */
function patched<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => () => void {
  return () => {
    const original = owner[name]
    owner[name] = make(original)
    return () => {
      owner[name] = original
    }
  }
}

/** An actor that does not see some entries of a batch. */
function overlooking(isSeen: (batch: EntryBatch, index: number) => boolean) {
  return (apply: (batch: EntryBatch) => void) =>
    function (this: unknown, batch: EntryBatch): void {
      const seen = Array.from({ length: batch.length }, (_, i) => i).filter((i) => isSeen(batch, i))
      apply.call(this as never, { length: seen.length, at: (i) => batch.at(seen[i]!) })
    }
}

const columns = ['time', 'position', 'owner', 'pin', 'board', 'label', 'weight', 'kind'] as const
const others = ['roles', 'partition'] as const

function swap(block: RecordBlock, i: number, j: number): void {
  for (const name of [...columns, ...others]) {
    const held = block[name][i]!
    block[name][i] = block[name][j]!
    block[name][j] = held
  }
}

/** Changes what is copied into a slot of the ring. */
const copying = (change: (slot: RecordBlock, from: RecordBlock, before: number) => void) =>
  patched(
    RecordBlock.prototype,
    'copyAll',
    (copyAll) =>
      function (this: RecordBlock, from: RecordBlock): void {
        const before = this.count
        copyAll.call(this, from)
        change(this, from, before)
      },
  )

export const mutants: readonly Mutant[] = [
  {
    name: 'flushes do nothing',
    law: 'acknowledged',
    planted: { diskLies: true },
  },
  {
    name: 'flushes of folders do nothing',
    law: 'starts',
    planted: { diskLiesAboutFolders: true },
  },
  {
    name: 'a start goes on behind damage and says nothing',
    law: 'acknowledged',
    patch: patched(
      PartitionLog,
      'open',
      (open) => (options, onSequence) =>
        open.call(PartitionLog, { ...options, acceptLoss: true }, onSequence),
    ),
  },
  {
    name: 'a full block loses its last record',
    law: 'acknowledged',
    patch: copying((slot, from) => {
      if (from.full) slot.count--
    }),
  },
  {
    name: 'resends are called new',
    law: 'acknowledged',
    patch: patched(
      Feeder.prototype,
      'feed',
      (feed) =>
        function (this: Feeder, frame): readonly number[] {
          feed.call(this, frame)
          return []
        },
    ),
  },
  {
    name: 'no resend is known',
    law: 'nothing made up',
    patch: patched(
      DuplicateWindow.prototype,
      'check',
      (check) =>
        function (this: DuplicateWindow, ...key): boolean {
          check.apply(this, key)
          return false
        },
    ),
  },
  {
    name: 'a slot of the ring keeps records of its last block',
    law: 'nothing made up',
    patch: copying((slot, _from, before) => {
      slot.count = Math.max(slot.count, before)
    }),
  },
  {
    name: 'two records of a block change places',
    law: 'order of a user',
    patch: copying((slot, { payloads }) => {
      if (slot.count > 1 && payloads.size === 0) swap(slot, 0, slot.count - 1)
    }),
  },
  {
    name: 'asks do not wait for blocks before them',
    law: 'read your writes',
    patch: patched(BlockFolder.prototype, 'foldUntil', () => () => {}),
  },
  {
    name: 'a user overlooks an impression at the end of a batch',
    law: 'any split',
    patch: patched(
      UserActor.prototype,
      'apply',
      overlooking(
        (batch, i) => i < 2 || i < batch.length - 1 || batch.at(i).kind !== kindCode.impression,
      ),
    ),
  },
  {
    name: 'a pin overlooks hides',
    law: 'counters',
    patch: patched(
      PinActor.prototype,
      'apply',
      overlooking((batch, i) => batch.at(i).kind !== kindCode.hide),
    ),
  },
  {
    name: 'a commanded write is answered before it is kept',
    law: 'commanded writes',
    patch: patched(
      StateLog.prototype,
      'put',
      (put) =>
        async function (this: StateLog, type, id, bytes): Promise<void> {
          put.call(this, type, id, bytes).catch(() => {})
        },
    ),
  },
  {
    name: 'a start takes what turns emitted for sent',
    law: 'emitted',
    patch: patched(StateLog, 'open', (open) => async (...options) => {
      const states = await open.apply(StateLog, options)
      for (const { number } of states.unmarked) void states.mark(number)
      return states
    }),
  },
  {
    name: 'what turns emitted is sent without a look into the log',
    law: 'emitted',
    patch: patched(
      Outbox.prototype,
      'needs',
      (needs) =>
        function (this: Outbox) {
          return needs.call(this)?.map(() => Number.POSITIVE_INFINITY)
        },
    ),
  },
  {
    name: 'actors never leave memory',
    law: 'bounds',
    patch: patched(Residents.prototype, 'makeRoom', () => () => {}),
  },
  {
    name: 'workers take any number of asks',
    law: 'bounds',
    planted: { takesAnyAsks: true },
  },
  {
    name: 'what was seen is not left out',
    law: 'unseen',
    patch: patched(
      UserActor.prototype,
      'context',
      (context) =>
        function (this: UserActor) {
          return { ...context.call(this), exclude: [] }
        },
    ),
  },
  {
    name: 'what was fed before is fed again',
    law: 'recovery is idempotent',
    patch: patched(
      Feeder.prototype,
      'feed',
      (feed) =>
        function (this: Feeder, frame): readonly number[] {
          const next = this.positions() as number[]
          next[frame.partition] = frame.first
          return feed.call(this, frame)
        },
    ),
  },
  {
    name: 'a base snapshot has what came while it was written',
    law: 'nothing made up',
    patch: patched(Dump.prototype, 'before', () => () => {}),
  },
  {
    name: 'a start reads on one entry behind its snapshot',
    law: 'acknowledged',
    patch: patched(
      Feeder.prototype,
      'resume',
      (resume) =>
        function (this: Feeder, fed): number[] {
          return resume.call(this, { ...fed, positions: fed.positions.map((p) => p + 1) })
        },
    ),
  },
  {
    name: 'a thread in the place of another misses what came meanwhile',
    law: 'acknowledged',
    patch: patched(Revival.prototype, 'fed', () => () => {}),
  },
  {
    name: 'who waits for room in a ring is not woken',
    law: 'liveness',
    planted: { losesWakeUps: true },
  },
]
