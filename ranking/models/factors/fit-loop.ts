/**
 * The epochs of a fit, as each of its threads goes through them. All go through the same batches; a
 * thread has a range of the batch's examples, cut between users, and a range of items. They wait
 * for one another three times a batch.
 *
 * A row is written by one thread, and what it is written from does not hang on who wrote that: the
 * factors are the same bits for any number of threads.
 */
import { hash32, Random } from '../../../base/index.ts'
import type { FitKernel, Step } from './fit-kernel.ts'
import { control, type FitMemory } from './fit-memory.ts'

export type FitPlan = {
  /** Pairs there are. */
  readonly pairs: number
  readonly epochs: number
  readonly temperature: number
  readonly learningRate: number
  readonly seed: number
}

export type Part = { readonly thread: number; readonly plan: FitPlan }

/** Goes through all epochs; yields the loss of each, that of thread 0 alone is the batch's. */
export function* fitEpochs(memory: FitMemory, kernel: FitKernel, part: Part): Generator<number> {
  const { shape } = memory
  const { thread, plan } = part
  const [first, end] = share(shape.items, thread, shape.threads)
  start(memory, part)
  kernel.unitItems(first, end)
  meet(memory)
  const batches = Math.ceil(plan.pairs / shape.batch)
  for (let epoch = 0; epoch < plan.epochs; epoch++) {
    if (thread === 0) shuffle(memory, plan, epoch)
    meet(memory)
    for (let b = thread; b < batches; b += shape.threads) sortBatch(memory, plan, b)
    meet(memory)
    let loss = 0
    for (let b = 0; b < batches; b++) loss += fitBatch(memory, kernel, part, epoch * batches + b)
    yield loss / plan.pairs
  }
}

function share(count: number, thread: number, threads: number): readonly [number, number] {
  return [Math.floor((count * thread) / threads), Math.floor((count * (thread + 1)) / threads)]
}

/** Waits until all threads have come here. */
export function meet({ shape, control: words }: FitMemory): void {
  if (shape.threads === 1) return
  const round = Atomics.load(words, control.round)
  if (Atomics.add(words, control.arrived, 1) === shape.threads - 1) {
    Atomics.store(words, control.arrived, 0)
    Atomics.add(words, control.round, 1)
    Atomics.notify(words, control.round)
    return
  }
  while (Atomics.load(words, control.round) === round) Atomics.wait(words, control.round, round)
}

/** Small normal factors for the thread's rows; thread 0 numbers the pairs. */
function start({ shape, arrays }: FitMemory, { thread, plan }: Part): void {
  for (const [name, count] of [
    ['users', shape.users],
    ['items', shape.items],
  ] as const) {
    const [first, end] = share(count, thread, shape.threads)
    // A normal number takes two draws.
    const random = new Random(plan.seed).split(name).seek(first * shape.dimensions * 2)
    const rows = arrays[name]
    const to = end * shape.dimensions
    for (let i = first * shape.dimensions; i < to; i++) rows[i] = 0.1 * random.normal()
  }
  if (thread === 0) for (let i = 0; i < plan.pairs; i++) arrays.order[i] = i
}

function shuffle({ arrays: { order } }: FitMemory, plan: FitPlan, epoch: number): void {
  const random = new Random(plan.seed).split(`epoch ${epoch}`)
  for (let i = plan.pairs - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
}

/** Pairs are numbered by user: sorted, those of one user stand together. */
function sortBatch({ shape, arrays }: FitMemory, plan: FitPlan, batch: number): void {
  const from = batch * shape.batch
  arrays.order.subarray(from, Math.min(from + shape.batch, plan.pairs)).sort()
}

/** One batch, step number `t` from 0; returns the sum of its losses on thread 0. */
function fitBatch(memory: FitMemory, kernel: FitKernel, part: Part, t: number): number {
  const { shape } = memory
  const { thread, plan } = part
  const batches = Math.ceil(plan.pairs / shape.batch)
  const from = (t % batches) * shape.batch
  const count = Math.min(shape.batch, plan.pairs - from)
  const first = cut(memory, from, count, thread)
  const end = cut(memory, from, count, thread + 1)
  const step = stepOf(plan, t)
  kernel.draw(first, end, from, hash32(t, hash32(plan.seed)))
  meet(memory)
  kernel.dots(first, end)
  kernel.softmax(first, end, 1 / plan.temperature, 1 / count)
  kernel.scatter(first, end)
  kernel.userGradients(first, end)
  kernel.usersStep(first, end, from, step)
  meet(memory)
  const [firstItem, endItem] = share(shape.items, thread, shape.threads)
  kernel.itemGradients(firstItem, endItem)
  kernel.itemsStep(firstItem, endItem, step)
  const loss = thread === 0 ? lossOf(memory, count) : 0
  meet(memory)
  return loss
}

/** Where the part of a thread begins: a fair share, moved behind the user that it falls on. */
function cut({ shape, arrays }: FitMemory, from: number, count: number, thread: number): number {
  const { pairUser, order } = arrays
  let at = Math.floor((count * thread) / shape.threads)
  const userAt = (place: number) => pairUser[order[from + place]!]!
  while (at > 0 && at < count && userAt(at) === userAt(at - 1)) at++
  return at
}

function stepOf({ learningRate }: FitPlan, t: number): Step {
  return {
    rate: learningRate / (1 - 0.9 ** (t + 1)),
    spread: 1 / Math.sqrt(1 - 0.999 ** (t + 1)),
  }
}

/** In the examples' order, whoever made them. */
function lossOf({ arrays: { sums, margins } }: FitMemory, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += Math.log(sums[i]!) + margins[i]!
  return sum
}
