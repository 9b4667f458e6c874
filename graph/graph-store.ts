/**
 * Where the arrays of a graph lie: on the heap, in memory that threads share, or inside WebAssembly
 * memory, where the walk kernel reads them in place. A WASM memory cannot wrap an existing buffer,
 * so a graph is built straight into its store.
 *
 * A wasm32 memory ends at 4 GiB. What the kernel reads lies in one memory where it fits, else each
 * array in a memory of its own. The first bytes of a memory are desks: blocks in which the threads
 * that walk it keep their walkers, one desk a thread.
 */
import { NONE, pinwheelError } from '../base/index.ts'

/** The arrays of a graph; the first four are those that a walk reads. */
export const walkedSections = ['pinOffset', 'pinBoards', 'boardOffset', 'boardPins'] as const
export const sectionNames = [
  ...walkedSections,
  'nodeOfPin',
  'pinOfNode',
  'nodeOfBoard',
  'boardOfNode',
  'groups',
] as const
export type WalkedSection = (typeof walkedSections)[number]
export type SectionName = (typeof sectionNames)[number]

/** The arrays, as sent to another thread. */
export type GraphMemory = Readonly<Record<SectionName, Uint32Array>> & {
  /** The WASM memory of each walked array, where it lies in one. */
  readonly wasm?: Readonly<Record<WalkedSection, WebAssembly.Memory>>
}

const deltaNames = [
  'counts',
  'pinRecords',
  'boardRecords',
  'pool',
  'pinGone',
  'boardGone',
  'freshPinNode',
  'freshBoardNode',
  'pinOfFresh',
  'boardOfFresh',
  'hidden',
] as const
/** Those that a walk reads. */
const deltaWalked = ['pinRecords', 'boardRecords', 'pool'] as const
type DeltaName = (typeof deltaNames)[number]
export type DeltaMemory = Readonly<Record<DeltaName, Uint32Array>> & {
  /** The WASM memory of what a walk reads, where the graph lies in WASM memory. */
  readonly wasm?: WebAssembly.Memory
}

/** Gives zeroed arrays of the lengths asked for, in words. GRAPH_MEMORY when it cannot be had. */
export type GraphStore = (lengths: Readonly<Record<SectionName, number>>) => GraphMemory

/** Desks at the beginning of a WASM memory that holds a graph. */
export const desks = Object.freeze({ count: 64, bytes: 64 * 1024 })
const PAGE = 65_536
/** Pages of a whole wasm32 memory. */
const PAGES_MAX = 65_536

export const heapStore: GraphStore = (lengths) => arrays(lengths, false)
export const sharedStore: GraphStore = (lengths) => arrays(lengths, true)

/** WASM memory, shared between threads, with room for desks. */
export const wasmStore: GraphStore = (lengths) => {
  const bytes = walkedSections.map((name) => aligned(lengths[name] * 4))
  const together = bytes.reduce((sum, b) => sum + b, 0)
  const fits = together <= PAGES_MAX * PAGE - desks.count * desks.bytes
  const one = fits ? wasmMemory(together) : undefined
  let at = desks.count * desks.bytes
  const wasm: Partial<Record<WalkedSection, WebAssembly.Memory>> = {}
  const placed: Partial<Record<SectionName, Uint32Array>> = {}
  walkedSections.forEach((name, i) => {
    const memory = one ?? wasmMemory(bytes[i]!)
    wasm[name] = memory
    placed[name] = new Uint32Array(
      memory.buffer,
      one ? at : desks.count * desks.bytes,
      lengths[name],
    )
    at += bytes[i]!
  })
  const rest = { ...lengths }
  for (const name of walkedSections) rest[name] = 0
  return {
    ...sharedStore(rest),
    ...(placed as Record<WalkedSection, Uint32Array>),
    wasm: wasm as Record<WalkedSection, WebAssembly.Memory>,
  }
}

/**
 * Zeroed arrays of a delta beside a graph. In WASM they go behind the graph, if one memory holds
 * it and has room, else into a memory of their own.
 */
export function deltaArrays(
  graph: GraphMemory,
  lengths: Readonly<Record<DeltaName, number>>,
): DeltaMemory {
  const shared = graph.pinOffset.buffer instanceof SharedArrayBuffer
  const made = {} as Record<DeltaName, Uint32Array>
  for (const name of deltaNames) {
    if (graph.wasm && (deltaWalked as readonly string[]).includes(name)) continue
    made[name] = words(lengths[name], shared)
  }
  if (!graph.wasm) return made
  const bytes = deltaWalked.reduce((sum, name) => sum + aligned(lengths[name] * 4), 0)
  const [memory, begin] = behind(graph.wasm, bytes)
  let at = begin
  for (const name of deltaWalked) {
    made[name] = new Uint32Array(memory.buffer, at, lengths[name])
    at += aligned(lengths[name] * 4)
  }
  return { ...made, wasm: memory }
}

/** Room of so many bytes, and where it begins. */
function behind(
  wasm: Readonly<Record<WalkedSection, WebAssembly.Memory>>,
  bytes: number,
): readonly [WebAssembly.Memory, number] {
  const memory = wasm.pinOffset
  const pages = Math.ceil(bytes / PAGE)
  const end = memory.buffer.byteLength
  const alone = walkedSections.some((name) => wasm[name] !== memory)
  if (!alone && end / PAGE + pages <= PAGES_MAX) {
    try {
      memory.grow(pages)
      return [memory, end]
    } catch {
      // Not behind the graph, then.
    }
  }
  return [wasmMemory(bytes), desks.count * desks.bytes]
}

/**
 * The arrays on the thread they were sent to: a memory's own buffer, since only that one counts as
 * the memory's.
 */
export function received(memory: GraphMemory): GraphMemory {
  const { wasm } = memory
  if (!wasm) return memory
  const own: Partial<Record<WalkedSection, Uint32Array>> = {}
  for (const name of walkedSections) {
    const { byteOffset, length } = memory[name]
    own[name] = new Uint32Array(wasm[name].buffer, byteOffset, length)
  }
  return { ...memory, ...own }
}

/** The same for a delta. */
export function receivedDelta(memory: DeltaMemory): DeltaMemory {
  const { wasm } = memory
  if (!wasm) return memory
  const own: Partial<Record<DeltaName, Uint32Array>> = {}
  for (const name of deltaWalked) {
    const { byteOffset, length } = memory[name]
    own[name] = new Uint32Array(wasm.buffer, byteOffset, length)
  }
  return { ...memory, ...own }
}

function wasmMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE) + (desks.count * desks.bytes) / PAGE
  if (pages > PAGES_MAX) throw tooLarge(bytes, `one array may take ${PAGES_MAX * PAGE} bytes`)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: PAGES_MAX, shared: true })
  } catch (error) {
    throw tooLarge(bytes, 'the system refused', error)
  }
}

function arrays(
  lengths: Readonly<Record<SectionName, number>>,
  shared: boolean,
): Record<SectionName, Uint32Array> {
  const made = {} as Record<SectionName, Uint32Array>
  for (const name of sectionNames) made[name] = words(lengths[name], shared)
  return made
}

/** Zeroed words of this thread's own. GRAPH_MEMORY when they cannot be had. */
export function heapWords(length: number): Uint32Array<ArrayBuffer> {
  return words(length, false) as Uint32Array<ArrayBuffer>
}

function words(length: number, shared: boolean): Uint32Array {
  if (length > NONE) throw tooLarge(length * 4, 'an array has at most 2^32 words')
  try {
    return new Uint32Array(shared ? new SharedArrayBuffer(length * 4) : new ArrayBuffer(length * 4))
  } catch (error) {
    throw tooLarge(length * 4, 'the system refused', error)
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 64) * 64
}

function tooLarge(bytes: number, reason: string, cause?: unknown) {
  return pinwheelError('GRAPH_MEMORY', { bytes, reason }, cause)
}
