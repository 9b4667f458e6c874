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
  deepFeatureNames,
  deepMemory,
  type GenerationName,
  type LabelledRanker,
  type Question,
  type RankRequest,
  RankScratch,
  RequestRows,
  type TrainedDeep,
} from '../../ranking/index.ts'
import { type DeepTeaching, trainBy } from './deep-teaching.ts'
import { entriesOfData } from './entries-of-data.ts'
import { framesOf } from './frames.ts'
import { LogExamples } from './log-examples.ts'

export type TaughtOptions = DeepTeaching & { readonly seed: number }
export type TaughtPorts = DeepTrainingPorts & { readonly clock: Clock }

type Asked = { readonly generation: GenerationName; readonly model?: DeepModel }

export class TaughtGenerations {
  readonly #examples: LogExamples
  readonly #data: Dataset
  readonly #pins: Uint32Array
  readonly #scratch: RankScratch
  readonly #options: TaughtOptions

  private constructor(data: Dataset, examples: LogExamples, options: TaughtOptions) {
    this.#data = data
    this.#options = options
    this.#examples = examples
    const { names } = examples
    this.#pins = Uint32Array.from({ length: data.items }, (_, item) =>
      names.pin.find(data.names.items.id(item)),
    )
    this.#scratch = new RankScratch(roomFor(data).pinCapacity, 0, data.items + CANDIDATES)
  }

  /** EVALUATION_DATA for data without times and labels. */
  static async teach(
    data: Dataset,
    options: TaughtOptions,
    clock: Clock,
  ): Promise<TaughtGenerations> {
    const { split } = data
    if (!split?.labelled) {
      const reason = 'generations learn from what was seen and not saved; choose --save, or a log'
      throw pinwheelError('EVALUATION_DATA', { reason })
    }
    const entries = [...entriesOfData(data, split)]
    const size = { ...options, entries: entries.length, generation: 'deep' as const }
    const examples = new LogExamples({ ...roomFor(data), ...size }, 1, clock)
    for (const frame of framesOf(entries)) await examples.feed(frame)
    examples.engine.buildNow()
    return new TaughtGenerations(data, examples, options)
  }

  /** The sum of similarities that orders generation 2, of its own sources. */
  collaborative(): LabelledRanker {
    return { score: async (asked) => asked.map((one) => this.#ask(one, collaborativeScore)) }
  }

  /** As `trainDeep`; `given` beside what the teaching says of the network. */
  async deep(
    given: Partial<DeepTrainingOptions>,
    ports: TaughtPorts,
  ): Promise<{ readonly ranker: LabelledRanker; readonly trained: TrainedDeep }> {
    const { seed } = this.#options
    const rows = await this.#examples.rows()
    const trained = await trainBy(this.#options, rows, { seed, ...given }, ports)
    const { names } = this.#examples
    const model = await DeepModel.open(await deepMemory(trained.bytes, deepFeatureNames, names.pin))
    const score = async (question: Question) => {
      const pins = this.#pinsOf(question)
      const matrix = this.#rows(question, { generation: 'deep', model }).of(pins)
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
    const rows = this.#rows(question, { generation: 'collaborative' })
    return rows.scores(this.#pinsOf(question), score)
  }

  #pinsOf({ pins }: Question): number[] {
    return Array.from(pins, (item) => this.#pins[item]!)
  }

  #userOf({ user }: Question): number {
    return this.#examples.names.user.find(this.#data.names.users.id(user))
  }

  /** All pins of a question as of its first: they are one list. */
  #rows(question: Question, { generation, model }: Asked): RequestRows {
    const { engine } = this.#examples
    const request: RankRequest = {
      user: engine.contextOf(this.#userOf(question)),
      limit: 25,
      generation,
      exclude: [],
      at: question.times[0] ?? 0,
      seed: 1,
      deadline: Number.POSITIVE_INFINITY,
      explain: false,
      off: [],
    }
    const services = { ...engine.services, deep: () => model }
    return new RequestRows(request, services, this.#scratch)
  }
}

/** Room for what sources find beside the pins that are asked of. */
const CANDIDATES = 8_192

function roomFor({ items, users }: Dataset) {
  return { pinCapacity: items + 16, boardCapacity: users + 16 }
}
