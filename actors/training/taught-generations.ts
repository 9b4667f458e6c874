/**
 * Generations 2 and 3 as rankers for evaluation, on any data with times and labels: its rows before
 * the test become a log, the log is folded as a host folds it, and what is asked is answered by the
 * very code that serves. Generation 3 learns from the same log, each row from what was known before
 * it.
 */
import { type Clock, pinwheelError } from '../../base/index.ts'
import {
  collaborativeScore,
  type Dataset,
  DeepModel,
  type DeepTrainingOptions,
  type DeepTrainingPorts,
  deepMemory,
  featureNames,
  type LabelledRanker,
  type Question,
  type RankRequest,
  RankScratch,
  RequestRows,
  type TrainedDeep,
  trainDeep,
} from '../../ranking/index.ts'
import { EntryWriter } from '../log/index.ts'
import { entriesOfData } from './entries-of-data.ts'
import { LogExamples } from './log-examples.ts'
import { recentRows } from './recent-rows.ts'

export const taughtDefaults = Object.freeze({
  /** Share of the log that is only folded. */
  warmUp: 0.4,
  /** Rows that were shown and drawn, together. */
  rowsMax: 200_000,
  /** Pins drawn beside each that was shown. */
  negatives: 8,
  /** Rows from the end of what each user was shown that teach generation 3. */
  recentShare: 0.3,
})

/** Of generation 3, as the fold of a small data set chose. */
const deepOptions = { width: 32, learningRate: 3e-4, drawnShare: 4 }

export type TaughtOptions = { readonly [K in keyof typeof taughtDefaults]: number } & {
  readonly seed: number
}
export type TaughtPorts = DeepTrainingPorts & { readonly clock: Clock }

/** Entries of a frame. */
const FRAME = 500

export class TaughtGenerations {
  readonly #examples: LogExamples
  readonly #data: Dataset
  readonly #pins: Uint32Array
  readonly #scratch: RankScratch
  readonly #recentShare: number

  /** EVALUATION_DATA for data without times and labels. */
  constructor(data: Dataset, options: TaughtOptions, clock: Clock) {
    const { split } = data
    if (!split?.labelled) {
      const reason = 'generations learn from what was seen and not saved; choose --save, or a log'
      throw pinwheelError('EVALUATION_DATA', { reason })
    }
    const entries = [...entriesOfData(data, split)]
    const capacity = { pinCapacity: data.items + 16, boardCapacity: data.users + 16 }
    const size = { ...options, entries: entries.length, generation: 'deep' as const }
    this.#data = data
    this.#recentShare = options.recentShare
    this.#examples = new LogExamples({ ...capacity, ...size }, 1, clock)
    for (let first = 0; first < entries.length; first += FRAME) {
      const writer = new EntryWriter()
      for (const entry of entries.slice(first, first + FRAME)) writer.append(entry)
      this.#examples.feed({ partition: 0, sequence: first, first, ...writer.take() })
    }
    this.#examples.engine.buildNow()
    const { names } = this.#examples
    this.#pins = Uint32Array.from({ length: data.items }, (_, item) =>
      names.pin.find(data.names.items.id(item)),
    )
    this.#scratch = new RankScratch(capacity.pinCapacity, 0, data.items + CANDIDATES)
  }

  /** The sum of similarities that orders generation 2. */
  collaborative(): LabelledRanker {
    return { score: async (asked) => asked.map((one) => this.#ask(one, collaborativeScore)) }
  }

  /** As `trainDeep`. */
  async deep(
    options: Partial<DeepTrainingOptions>,
    ports: TaughtPorts,
  ): Promise<{ readonly ranker: LabelledRanker; readonly trained: TrainedDeep }> {
    const rows = recentRows(this.#examples.rows(), this.#recentShare)
    const trained = await trainDeep(rows, { ...deepOptions, ...options }, ports)
    const model = await DeepModel.open(await deepMemory(trained.bytes, featureNames))
    const score = async (question: Question) => {
      const pins = this.#pinsOf(question)
      const matrix = this.#rows(question).of(pins)
      const { names } = this.#examples
      const user = names.user.hash(this.#userOf(question))
      return model.score(
        user,
        Uint32Array.from(pins, (pin) => names.pin.hash(pin)),
        matrix,
      )
    }
    const ranker: LabelledRanker = {
      score: async (asked) => {
        const answers: ArrayLike<number>[] = []
        for (const question of asked) answers.push(await score(question))
        return answers
      },
    }
    return { ranker, trained }
  }

  #ask(question: Question, score: typeof collaborativeScore): ArrayLike<number> {
    return this.#rows(question).scores(this.#pinsOf(question), score)
  }

  #pinsOf({ pins }: Question): number[] {
    return Array.from(pins, (item) => this.#pins[item]!)
  }

  #userOf({ user }: Question): number {
    return this.#examples.names.user.find(this.#data.names.users.id(user))
  }

  /** All pins of a question as of its first: they are one list. */
  #rows(question: Question): RequestRows {
    const { engine } = this.#examples
    const request: RankRequest = {
      user: engine.contextOf(this.#userOf(question)),
      limit: 25,
      generation: 'deep',
      exclude: [],
      at: question.times[0] ?? 0,
      seed: 1,
      deadline: Number.POSITIVE_INFINITY,
      explain: false,
      off: [],
    }
    return new RequestRows(request, engine.services, this.#scratch)
  }
}

/** Room for what sources find beside the pins that are asked of. */
const CANDIDATES = 8_192
