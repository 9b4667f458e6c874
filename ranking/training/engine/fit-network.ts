/**
 * Epochs of steps over rows in an order that seed and epoch fix, until the loss on rows held out
 * falls no more; the weights of the best epoch stay. A checkpoint holds all that the rest of a
 * training depends on: taken up from one, it ends at the same bits.
 */
import { assert, type Clock, pinwheelError, Random } from '../../../base/index.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import type { Trainer } from './trainer.ts'

export type TrainingData = {
  /** Rows of an epoch. */
  readonly count: number
  /** Fills the trainer's batch with these rows, which are as many as it has. */
  readonly fill: (trainer: Trainer, rows: Uint32Array) => void
}

export type FitProgress = {
  readonly epoch: number
  readonly step: number
  /** Mean over the last steps reported on. */
  readonly loss: number
  readonly rowsPerSecond: number
  /** Until all epochs are done; it may end before. */
  readonly secondsLeft: number
}

export type FitOptions = {
  readonly epochs: number
  /** Epochs without a better loss on the held-out rows before it ends. */
  readonly patience: number
  /** Of the rate: as it is, or falling to zero along half a cosine over all epochs. */
  readonly schedule: 'constant' | 'cosine'
  /** Lower is better; called after each epoch. */
  readonly validate: (trainer: Trainer) => Promise<number>
  readonly clock: Clock
  readonly progress?: (progress: FitProgress) => void
  /** Where it is kept, and after how many steps again. */
  readonly checkpoint?: { readonly file: string; readonly everySteps: number }
  readonly signal?: AbortSignal
}

export type FitReport = {
  /** Epochs that were run. */
  readonly epochs: number
  readonly bestEpoch: number
  /** On the held-out rows, after the best epoch. */
  readonly loss: number
  readonly steps: number
}

/** Everything but the weights that the rest of a training depends on. */
type Head = {
  readonly seed: number
  readonly rows: number
  readonly count: number
  readonly epochs: number
  epoch: number
  batch: number
  steps: number
  best: { epoch: number; loss: number }
}

const REPORT_EVERY = 50

/**
 * TRAINING_DATA with fewer rows than a batch, TRAINING_DIVERGED, CHECKPOINT_UNFIT when the
 * checkpoint is of another training, CHECKPOINT_FAILED when one cannot be written.
 */
export async function fitNetwork(
  trainer: Trainer,
  data: TrainingData,
  options: FitOptions,
): Promise<FitReport> {
  const { rows, seed } = trainer.options
  const batches = Math.floor(data.count / rows)
  if (batches === 0) {
    const reason = `${data.count} rows are less than a batch of ${rows}`
    throw pinwheelError('TRAINING_DATA', { reason })
  }
  const { epochs, patience, validate, signal } = options
  const run = await begin(trainer, data, options)
  const { head } = run
  const pace = new Pace(options, rows, epochs * batches - head.steps)
  while (head.epoch <= epochs && head.epoch - head.best.epoch <= patience) {
    const order = orderOf(data.count, seed, head.epoch)
    for (; head.batch < batches; ) {
      signal?.throwIfAborted()
      data.fill(trainer, order.subarray(head.batch * rows, (head.batch + 1) * rows))
      const loss = await trainer.step(share(options, head.steps / (epochs * batches)))
      head.batch++
      head.steps = trainer.steps
      pace.count(head, loss)
      if (head.steps % (options.checkpoint?.everySteps ?? Infinity) === 0) await run.save()
    }
    const loss = await validate(trainer)
    if (loss < head.best.loss) {
      head.best = { epoch: head.epoch, loss }
      run.keep()
    }
    head.epoch++
    head.batch = 0
  }
  run.useBest()
  const { best, epoch, steps } = head
  return { epochs: epoch - 1, bestEpoch: best.epoch, loss: best.loss, steps }
}

async function begin(trainer: Trainer, data: TrainingData, options: FitOptions) {
  const { rows, seed } = trainer.options
  const fresh = { seed, rows, count: data.count, epochs: options.epochs }
  let head: Head = {
    ...fresh,
    epoch: 1,
    batch: 0,
    steps: 0,
    best: { epoch: 0, loss: Number.MAX_VALUE },
  }
  const { state } = trainer
  const best = trainer.weights.map((list) => list.slice())
  const file = options.checkpoint?.file
  const known = file === undefined ? undefined : await readCheckpoint<Head>(file)
  if (known) {
    const sizes = [...state, ...best].map(({ length }) => length).join()
    const isMine =
      sizes === known.lists.map(({ length }) => length).join() &&
      Object.entries(fresh).every(([name, value]) => known.head[name as 'seed'] === value)
    if (!isMine) {
      const reason = 'it is of another network, other data or other options'
      throw pinwheelError('CHECKPOINT_UNFIT', { file: file ?? '', reason })
    }
    head = known.head
    trainer.restore(head.steps, known.lists.slice(0, state.length))
    best.forEach((list, i) => {
      list.set(known.lists[state.length + i]!)
    })
  }
  return {
    head,
    keep: () => copy(trainer.weights, best),
    useBest: () => copy(best, trainer.weights),
    save: async () => {
      assert(file !== undefined, 'what is saved has a file')
      await writeCheckpoint(file, { head, lists: [...state, ...best] })
    },
  }
}

function copy(from: readonly Float32Array[], to: readonly Float32Array[]): void {
  from.forEach((list, i) => {
    to[i]!.set(list)
  })
}

function orderOf(count: number, seed: number, epoch: number): Uint32Array {
  const order = Array.from({ length: count }, (_, row) => row)
  return Uint32Array.from(new Random(seed).split('order').split(epoch).shuffle(order))
}

function share({ schedule }: FitOptions, done: number): number {
  return schedule === 'constant' ? 1 : (1 + Math.cos(Math.PI * done)) / 2
}

/** Says now and then how it goes. */
class Pace {
  readonly #options: FitOptions
  readonly #rows: number
  readonly #began: number
  readonly #stepsAll: number
  #sum = 0
  #reported = 0
  #steps = 0

  constructor(options: FitOptions, rows: number, stepsAll: number) {
    this.#options = options
    this.#rows = rows
    this.#stepsAll = stepsAll
    this.#began = options.clock.monotonic()
  }

  count({ epoch, steps }: Head, loss: number): void {
    this.#sum += loss
    this.#steps++
    const since = this.#steps - this.#reported
    if (!this.#options.progress || since < REPORT_EVERY) return
    const seconds = (this.#options.clock.monotonic() - this.#began) / 1_000
    const perSecond = this.#steps / Math.max(seconds, 1e-9)
    this.#options.progress({
      epoch,
      step: steps,
      loss: this.#sum / since,
      rowsPerSecond: perSecond * this.#rows,
      secondsLeft: (this.#stepsAll - this.#steps) / perSecond,
    })
    this.#sum = 0
    this.#reported = this.#steps
  }
}
