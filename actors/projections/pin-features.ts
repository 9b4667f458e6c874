/**
 * The feature columns of pins: a projection of the log, and at the same time the part of the pin
 * actors' states that ranking reads in bulk. A snapshot has their rows beside the states, so that a
 * start need not decode those.
 */
import {
  eventSlot,
  isEventCode,
  kindCode,
  NONE,
  type PinIndex,
  type TagIndex,
} from '../../base/index.ts'
import { FeatureRows, type FeatureTable } from '../../ranking/index.ts'
import { dailyKinds, dayCountOf, type PinView, tagsOf, textsOf, totalOf } from '../pin-state.ts'
import { BlockBatch, type EntryView, type RecordBlock, roles } from '../shard/record-block.ts'
import { Dump } from '../snapshots/dump.ts'
import { type Chunks, wordsOf } from '../snapshots/section.ts'

/** Records of a stretch: what they count in stays in the first cache until they are counted. */
const STRETCH = 512
const places = new Uint32Array(STRETCH)

/** The columns of the pins that are this thread's; other threads of a host write the others. */
export class PinColumns {
  readonly #features: FeatureTable
  readonly #rows: FeatureRows
  #dump: Dump | undefined

  constructor(features: FeatureTable) {
    this.#features = features
    this.#rows = new FeatureRows(features)
  }

  applyBlock(block: RecordBlock): void {
    this.#dump?.before(block.pin, block.count)
    foldFeatures(this.#features, block)
  }

  /** Rows as they are now, given while blocks are applied, until `endDump`. */
  beginDump(isMine: (pin: number) => boolean): Chunks {
    this.#dump = new Dump(this.#features.pinCount, (pin, writer) => {
      if (isMine(pin)) writer.words(this.#rows.rowOf(pin))
    })
    return this.#dump.chunks()
  }

  endDump(): void {
    this.#dump = undefined
  }

  /** Puts back rows of a dump. */
  restore(chunk: Uint8Array, isMine: (pin: number) => boolean): void {
    this.#rows.restore(wordsOf(chunk), isMine)
  }
}

/** The pins' part of a block; counts and descriptions do not heed each other's order. */
function foldFeatures(features: FeatureTable, block: RecordBlock): void {
  const { count, kind, roles: masks } = block
  for (let from = 0; from < count; ) {
    let events = 0
    for (; from < count && events < STRETCH; from++) {
      if ((masks[from]! & roles.pin) === 0) continue
      if (isEventCode(kind[from]!)) places[events++] = from
      else applyToFeatures(features, new BlockBatch(block).record(from))
    }
    features.applyEvents(block, places, events)
  }
}

function applyToFeatures(features: FeatureTable, entry: EntryView): void {
  const { kind, pin, time } = entry
  if (kind === kindCode.pin) features.applyPin(pin, time, entry.payload ?? {})
  else if (kind === kindCode['delete-pin']) features.deletePin(pin, time)
  else features.applyEvent(kind, pin, time)
}

/** Puts the columns of a pin as its state has them: snapshots until format 2 have no rows. */
export function restoreFeatures(features: FeatureTable, pin: number, state: PinView): void {
  const { title, image } = textsOf(state)
  const said = state.said.get()
  const count = (kind: keyof typeof kindCode) => totalOf(state, eventSlot(kindCode[kind]))
  features.restore(pin as PinIndex, {
    told: said?.told ?? 0,
    created: said?.created ?? 0,
    gone: said?.deleted === 1 || said?.hidden === 1,
    ...(title !== undefined && { title }),
    ...(image !== undefined && { image }),
    ...(said && said.topic !== NONE && { topic: said.topic as TagIndex }),
    ...(said && said.language !== NONE && { language: said.language as TagIndex }),
    // Free places are left out, as an entry has none.
    tags: said ? tagsOf(said).filter((tag) => tag !== NONE) : [],
    impressions: count('impression'),
    closeups: count('closeup'),
    saves: count('save'),
    hides: count('hide'),
    outbounds: count('outbound'),
    day: Math.max(0, state.days - 1),
    savesOf: (d) => dayCountOf(state, dailyKinds.indexOf(kindCode.save), d),
  })
}
