/**
 * Which actors of a stretch of a block take turns, with which records.
 *
 * The rows of all actors are touched before any turn runs: a row is a miss of cache and of page
 * table, and misses that do not wait for each other overlap. The touch is a store that needs no
 * answer, the row's time of last use. Grouping needs no table: a row remembers its group, and the
 * group its row (the sparse set of Briggs and Torczon, 1993).
 */
import { NONE, type RowPages, type StateHandle } from '../../base/index.ts'
import type { Appends } from '../actor.ts'
import { slotOf } from './directory.ts'
import { BlockBatch, type RecordBlock } from './record-block.ts'
import { GROUP, type Residents, TAG, USED } from './residents.ts'

/** Records of a stretch: their rows stay in the first cache until their turns are over. */
const STRETCH = 512

/** What an actor type says of where entries go, by kind. */
export type AppendedParts = { readonly parts: readonly string[]; readonly partOf: Uint8Array }

export function appendedParts(appends: Appends = {}): AppendedParts {
  const parts = Object.keys(appends)
  const part = (kind: number) => parts.findIndex((name) => appends[name]!(kind)) + 1
  return { parts, partOf: Uint8Array.from({ length: 256 }, (_, kind) => part(kind)) }
}

/** Where each group has one record. */
const each = Uint32Array.from({ length: STRETCH + 1 }, (_, g) => g)

export class TurnPlan {
  /** Group g is order[starts[g] .. starts[g + 1]) of the actor in slot slots[g]. */
  groups = 0
  readonly slots = new Uint32Array(STRETCH)
  starts = each
  order = new Uint32Array(0)
  readonly batch = new BlockBatch()
  /** The actors of the selected records; the first `selected` are of this stretch. */
  readonly keys = new Uint32Array(STRETCH)
  selected = 0
  #highest = 0
  /** Where loads go that nobody needs. */
  readonly #loads = { seen: 0 }
  readonly #records = new Uint32Array(STRETCH)
  readonly #slotOf = new Uint32Array(STRETCH)
  readonly #groupOf = new Uint16Array(STRETCH)
  readonly #starts = new Uint32Array(STRETCH + 1)
  readonly #order = new Uint32Array(STRETCH)

  /** Takes records that play `role` from record `from` on; where to go on. */
  select(block: RecordBlock, column: Uint32Array, role: number, from: number): number {
    const { roles, count } = block
    const records = this.#records
    const keyOf = this.keys
    let highest = 0
    let n = 0
    let i = from
    for (; i < count && n < STRETCH; i++) {
      const key = column[i]!
      if ((roles[i]! & role) === 0 || key === NONE) continue
      records[n] = i
      keyOf[n++] = key
      if (key > highest) highest = key
    }
    this.selected = n
    this.#highest = highest
    return i
  }

  /** Finds the actors of the selected records, brings them into memory, and groups by them. */
  locate(residents: Residents): void {
    this.groups = 0
    if (this.selected === 0) return
    if (residents.isDirect) this.#touch(residents)
    // What was touched may have ended direct addressing.
    if (!residents.isDirect) this.#listed(residents)
    const slots = residents.isDirect && residents.stride === 1 ? this.keys : this.#slotOf
    this.#group(residents, slots)
    if (this.groups === this.selected) {
      this.starts = each
      this.order = this.#records
    } else this.#gather()
  }

  /**
   * Loads what these turns append to, by the kinds of their first entries: `partOf` has the part of
   * the state that each kind goes to, + 1.
   */
  lookAhead(
    handle: StateHandle,
    { partOf, parts }: AppendedParts,
    { kind }: RecordBlock,
    rows: RowPages,
  ): void {
    const { order, starts, groups } = this
    const slots = this.#slotOf
    for (let part = 1; part <= parts.length; part++) {
      let n = 0
      for (let g = 0; g < groups; g++) {
        slots[n] = this.slots[g]!
        if (partOf[kind[order[starts[g]!]!]!] === part) n++
      }
      if (n > 0) handle.lookAhead(parts[part - 1]!, rows, slots, n)
    }
  }

  /** Stores the time of last use, whoever's row it is. */
  #touch(residents: Residents): void {
    const n = this.selected
    residents.reach(this.#highest)
    if (!residents.isDirect) return
    const { pages, shift, mask, rowWords } = residents.rows
    const { tick, stride } = residents
    let seen = 0
    const slots = stride === 1 ? this.keys : this.#slotOf
    if (stride !== 1) for (let i = 0; i < n; i++) slots[i] = slotOf(this.keys[i]!, stride)
    for (let i = 0; i < n; i++) {
      const slot = slots[i]!
      const { u32 } = pages[slot >>> shift]!
      const at = Math.imul(slot & mask, rowWords)
      u32[at + USED] = tick
      // Of a row of two lines the second, too.
      seen |= u32[at + rowWords - 1]!
    }
    this.#loads.seen = seen
  }

  /** Slots by record, from the directory. */
  #listed(residents: Residents): void {
    for (let i = 0; i < this.selected; i++) this.#slotOf[i] = residents.activate(this.keys[i]!)
  }

  #group(residents: Residents, slotsOf: Uint32Array): void {
    const { pages, shift, mask, rowWords } = residents.rows
    const { slots } = this
    const keyOf = this.keys
    const groupOf = this.#groupOf
    const n = this.selected
    let groups = 0
    let strangers = 0
    // No call in here: after one, everything that the loop holds would be read anew.
    for (let i = 0; i < n; i++) {
      const slot = slotsOf[i]!
      const { u32 } = pages[slot >>> shift]!
      const at = Math.imul(slot & mask, rowWords)
      strangers |= u32[at + TAG]! ^ (keyOf[i]! + 1)
      const g = u32[at + GROUP]! & (STRETCH - 1)
      // In this order: the first is hardly ever true, so the guess of the branch is good.
      if (slots[g] === slot && g < groups) {
        groupOf[i] = g
        continue
      }
      u32[at + GROUP] = groups
      groupOf[i] = groups
      slots[groups++] = slot
    }
    this.groups = groups
    if (strangers !== 0) this.#welcome(residents, slotsOf)
  }

  /** Brings in those that are new: direct addressing finds rows before their actors are there. */
  #welcome(residents: Residents, slotsOf: Uint32Array): void {
    const { pages, shift, mask, rowWords } = residents.rows
    for (let i = 0; i < this.selected; i++) {
      const key = this.keys[i]!
      const slot = slotsOf[i]!
      const { u32 } = pages[slot >>> shift]!
      if (u32[Math.imul(slot & mask, rowWords) + TAG] !== key + 1) residents.activate(key)
    }
  }

  /** Some actors have several records: counts become starts, then records fall into place. */
  #gather(): void {
    const starts = this.#starts.fill(0)
    const order = this.#order
    const groupOf = this.#groupOf
    const n = this.selected
    // One place ahead, since filling moves each start to its end.
    for (let i = 0; i < n; i++) starts[groupOf[i]! + 1]!++
    for (let g = 1; g <= this.groups; g++) starts[g]! += starts[g - 1]!
    for (let i = 0; i < n; i++) order[starts[groupOf[i]!]!++] = this.#records[i]!
    starts.copyWithin(1, 0, this.groups)
    starts[0] = 0
    this.starts = starts
    this.order = order
  }
}
