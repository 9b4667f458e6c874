/**
 * The walk kernel in WASM. The graph's arrays are read where they lie, in one WASM memory or in
 * several; walkers and counters of the thread lie in a memory of its own. Walkers pass from memory
 * to memory in blocks of 4 KiB: about a hundredth of a round.
 *
 * Memory: 128 KiB + 8 bytes a slot + 24 bytes a slot when joined; a desk of 64 KiB in each memory
 * of the graph.
 */
import { assert, NONE, pinwheelError } from '../../base/index.ts'
import { desks, type WalkedSection } from '../graph-store.ts'
import type { GraphView } from '../graph-view.ts'
import { GONE, type Side } from '../side.ts'
import { BLOCK, Desk, type Exports, kernelIn } from './desk.ts'
import { prefers } from './preferred.ts'
import { redraw } from './redraw.ts'
import {
  type Beginning,
  isCrowded,
  type Joined,
  LABELS_MAX,
  LANES,
  SLOTS_MIN,
  slotsFor,
  type WalkKernel,
} from './walk-kernel.ts'

/** The thread's own walkers, in blocks; the first block is the state. */
const own = { at: 1, label: 2, home: 3, homeLabel: 4, randomPin: 5, randomBoard: 6 }
const STATE = 1024
const OVERFLOW_WORD = 24
const REACHED = STATE + 8 * BLOCK
const SLOTS = REACHED + LABELS_MAX * 4
const PAGE = 65_536

/** Where one direction of the graph lies. */
type Lane = {
  readonly side: Side
  readonly offsets: Desk
  readonly list: Desk
  /** Records and pool of the delta. */
  readonly delta: Desk
}

export class WasmKernel implements WalkKernel {
  readonly home: Uint32Array
  readonly homeLabel: Uint32Array
  readonly at: Uint32Array
  readonly reached: Uint32Array
  readonly #desk: number
  readonly #memory: WebAssembly.Memory
  readonly #kernel: Exports
  readonly #state: Uint32Array
  readonly #randomPin: Uint32Array
  readonly #randomBoard: Uint32Array
  #view: GraphView | undefined
  #hasDelta = false
  #pins: Lane | undefined
  #boards: Lane | undefined
  #bias: Beginning['bias']
  #slotCount = SLOTS_MIN
  #taken = 0

  /** `desk` is the thread's number, used by no other thread. KERNEL_MISSING. */
  constructor(desk: number) {
    assert(desk >= 0 && desk < desks.count, 'every thread has a desk')
    this.#desk = desk
    const pages = Math.ceil((SLOTS + SLOTS_MIN * 32) / PAGE)
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true })
    this.#kernel = kernelIn(this.#memory)
    const block = (n: number) => this.#words(STATE + n * BLOCK, LANES)
    this.home = block(own.home)
    this.homeLabel = block(own.homeLabel)
    this.at = block(own.at)
    this.#randomPin = block(own.randomPin)
    this.#randomBoard = block(own.randomBoard)
    this.#state = block(0)
    this.reached = this.#words(REACHED, LABELS_MAX)
  }

  get overflowed(): boolean {
    return this.#state[OVERFLOW_WORD] === 1
  }

  /** The view's graph lies in WASM memory. */
  begin(view: GraphView, { state, labels, steps, bias }: Beginning): void {
    if (this.#view !== view) this.#settleAt(view)
    this.#hasDelta = !view.delta.isEmpty
    this.#bias = bias
    if (bias) this.#pins!.list.block('ranges').set(bias.ranges)
    this.#state.set(state.subarray(0, 16))
    this.#state.fill(0, 16, 20)
    this.#state.fill(state[16]!, 20, 24)
    this.#state[OVERFLOW_WORD] = 0
    this.reached.fill(0, 0, labels)
    this.#slotCount = slotsFor(steps)
    this.#taken = 0
    this.#reserve(SLOTS + this.#slotCount * 8)
    this.#clear(SLOTS, this.#slotCount * 8)
  }

  /** Sits down at the desks of another epoch. */
  #settleAt(view: GraphView): void {
    const { wasm } = view.frozen.memory()
    const deltaMemory = view.delta.memory().wasm
    assert(wasm !== undefined && deltaMemory !== undefined, 'the graph lies in WASM memory')
    const known = new Map<WebAssembly.Memory, Desk>()
    const deskIn = (memory: WebAssembly.Memory) => {
      const desk = known.get(memory) ?? new Desk(memory, this.#desk)
      known.set(memory, desk)
      return desk
    }
    const lane = (side: Side, offsets: WalkedSection, list: WalkedSection): Lane => ({
      side,
      offsets: deskIn(wasm[offsets]),
      list: deskIn(wasm[list]),
      delta: deskIn(deltaMemory),
    })
    this.#pins = lane(view.delta.pins, 'pinOffset', 'pinBoards')
    this.#boards = lane(view.delta.boards, 'boardOffset', 'boardPins')
    this.#view = view
    // Whoever stood in the former graph is sent home, but lanes beyond the walkers are read too.
    this.at.fill(0)
    this.home.fill(0)
  }

  round(n: number, restart: number): void {
    const pins = this.#pins
    const boards = this.#boards
    assert(pins !== undefined && boards !== undefined, 'a walk has begun')
    this.#kernel.steer(STATE, n, restart)
    const whole = n === LANES
    const cut = (block: Uint32Array) => (whole ? block : block.subarray(0, (n + 3) & ~3))
    this.#hop(n, pins, cut(this.at), cut(this.#randomPin))
    this.#hop(n, boards, cut(pins.list.block('items')), cut(this.#randomBoard))
    const landed = boards.list.block('items')
    this.at.set(whole ? landed : landed.subarray(0, n))
  }

  /** From nodes of one side to items at the desk of its list. */
  #hop(n: number, lane: Lane, from: Uint32Array, random: Uint32Array): void {
    const { side, offsets, list } = lane
    offsets.block('nodes').set(from)
    offsets.block('random').set(random)
    const bounds = offsets.at('bounds')
    const nodes = offsets.at('nodes')
    if (this.#hasDelta) {
      const last = side.offset.length - 2
      offsets.kernel.boundsUpTo(n, side.offset.byteOffset, nodes, bounds, last)
      this.#chooseBoth(n, lane)
    } else {
      offsets.kernel.bounds(n, side.offset.byteOffset, nodes, bounds)
      offsets.kernel.choose(n, bounds, offsets.at('random'), offsets.at('index'))
    }
    list.take(offsets, 'index')
    if (this.#bias && lane === this.#pins) this.#prefer(n, lane)
    const bits = this.#hasDelta ? NONE : ~GONE
    list.kernel.gather(n, side.list.byteOffset, list.at('index'), list.at('items'), bits)
    if (this.#hasDelta) this.#blend(n, lane)
  }

  #chooseBoth(n: number, { side, offsets, delta }: Lane): void {
    const { records } = side
    delta.take(offsets, 'nodes')
    const last = records.length / 2 - 1
    delta.kernel.recordsUpTo(n, records.byteOffset, delta.at('nodes'), delta.at('records'), last)
    offsets.take(delta, 'records')
    offsets.kernel.chooseBoth(
      n,
      offsets.at('bounds'),
      offsets.at('records'),
      offsets.at('random'),
      offsets.at('index'),
      offsets.at('fresh'),
      offsets.at('which'),
    )
  }

  #prefer(n: number, { side, offsets, list }: Lane): void {
    const { ranges, strength } = this.#bias!
    list.take(offsets, 'bounds', 'random', 'which')
    list.block('coins').set(this.#randomBoard)
    list.kernel.prefer(
      n,
      side.list.byteOffset,
      list.at('bounds'),
      list.at('random'),
      list.at('coins'),
      strength,
      list.at('ranges'),
      ranges.length / 2,
      list.at('index'),
      list.at('which'),
    )
    offsets.take(list, 'which')
  }

  /** Fresh items in place of frozen ones where they were chosen; removed ones drawn again. */
  #blend(n: number, lane: Lane): void {
    const { side, offsets, list, delta } = lane
    const view = this.#view!
    delta.take(offsets, 'fresh')
    const pool = view.delta.pool.byteOffset
    delta.kernel.gather(n, pool, delta.at('fresh'), delta.at('freshItems'), NONE)
    list.take(delta, 'freshItems')
    list.take(offsets, 'which')
    const items = list.at('items')
    const fresh = list.at('freshItems')
    if (list.kernel.blend(n, items, fresh, list.at('which'), items) === 0) return
    const nodes = offsets.block('nodes')
    const random = offsets.block('random')
    const found = list.block('items')
    const bias = lane === this.#pins ? this.#bias : undefined
    for (let w = 0; w < n; w++) {
      const item = found[w]!
      if (item < GONE || item === NONE) continue
      const preference = bias && prefers(bias, this.#randomBoard[w]!) ? bias : undefined
      found[w] = redraw(view, side, nodes[w]!, random[w]!, preference)
    }
  }

  count(n: number, famous: number): void {
    if (isCrowded(this.#taken, n, this.#slotCount)) this.#widen()
    const mask = this.#slotCount - 1
    this.#taken += this.#kernel.count(STATE, n, SLOTS, mask, famous, REACHED)
  }

  /** Twice the slots: the old ones are set aside behind the new. */
  #widen(): void {
    const old = this.#slotCount
    const wider = old * 2
    this.#reserve(SLOTS + (wider + old) * 8)
    const aside = SLOTS + wider * 8
    new Uint8Array(this.#memory.buffer).copyWithin(aside, SLOTS, SLOTS + old * 8)
    this.#clear(SLOTS, wider * 8)
    this.#kernel.rehash(aside, old, SLOTS, wider - 1)
    this.#slotCount = wider
  }

  join(boosted: boolean): Joined {
    const n = this.#slotCount
    const sums = SLOTS + n * 8
    const index = sums + this.#taken * 8
    const pins = index + n * 4
    const best = pins + this.#taken * 4
    const bestVisits = best + this.#taken * 4
    this.#reserve(bestVisits + this.#taken * 4)
    this.#clear(index, n * 4)
    const boost = boosted ? 1 : 0
    const rows = this.#kernel.join(SLOTS, n, index, pins, sums, best, bestVisits, boost)
    return {
      rows,
      pins: this.#words(pins, rows),
      sums: new Float64Array(this.#memory.buffer, sums, rows),
      best: this.#words(best, rows),
    }
  }

  slots(): Uint32Array {
    return this.#words(SLOTS, this.#slotCount * 2)
  }

  #words(at: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, at, length)
  }

  #clear(at: number, bytes: number): void {
    this.#kernel.clear(at, bytes)
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength
    if (missing <= 0) return
    try {
      this.#memory.grow(Math.ceil(missing / PAGE))
    } catch (error) {
      const reason = 'the counters of a walk cannot grow'
      throw pinwheelError('GRAPH_MEMORY', { bytes, reason }, error)
    }
  }
}
