/**
 * Logs in the format of the Open Bandit Dataset (Saito et al., NeurIPS 2021): comma-separated, gzip
 * or plain, a row an item at one of three positions. The first line names the columns; of them
 * `timestamp`, `item_id`, `position` (1, 2, 3 or left, center, right), `click` and
 * `propensity_score` are read, wherever they stand. Features of users and their affinities are not:
 * nothing here depends on them. Cells are not quoted.
 */
import { idProblem, pinwheelError } from '../../../base/index.ts'
import { checkBroken, ImportReport } from '../import-report.ts'
import { readLines } from '../lines.ts'
import { type LoggedRows, propensity } from './logged-rows.ts'

/** By time; of equal times as the file has them. */
export type BanditRows = LoggedRows & {
  /** Numbers of `itemIds`. */
  readonly items: Uint32Array
  /** From 0. */
  readonly positions: Uint8Array
  readonly itemIds: readonly string[]
  readonly report: ImportReport
}

/** A map, so that a cell that names what every object has is no position. */
const placeNames: ReadonlyMap<string, number> = new Map([
  ['1', 0],
  ['2', 1],
  ['3', 2],
  ['left', 0],
  ['center', 1],
  ['right', 2],
])
export const banditPlaces = 3

const columnNames = ['timestamp', 'item_id', 'position', 'click', 'propensity_score'] as const

/** A row that was left out may have been left out for what came of it: none is, unless asked. */
export const openBanditDefaults = Object.freeze({ brokenMax: 0 })

/**
 * DATASET_MISSING without the file or one of the columns; DATASET_BROKEN, with reasons and samples,
 * for more than `brokenMax` rows whose cells are not what their columns hold.
 */
export async function readOpenBandit(
  path: string,
  { brokenMax }: { readonly brokenMax: number } = openBanditDefaults,
): Promise<BanditRows> {
  const report = new ImportReport()
  const rows = new RowColumns()
  let head: Head | undefined
  for await (const lines of readLines(path)) {
    for (const { number, text } of lines) {
      if (text === '') continue
      if (head === undefined) {
        head = headOf(text ?? '', path)
        continue
      }
      report.read++
      const reason = text === undefined ? 'the line is too long' : rows.take(text.split(','), head)
      if (reason !== undefined) report.reject(reason, `${path}:${number}`, text ?? '')
      else report.kept++
    }
  }
  if (head === undefined) throw pinwheelError('DATASET_MISSING', { path, reason: 'it is empty' })
  checkBroken(path, report, brokenMax)
  return { ...rows.byTime(), report }
}

type Head = { readonly count: number } & Readonly<Record<(typeof columnNames)[number], number>>

function headOf(text: string, path: string): Head {
  const cells = text.split(',')
  const places = columnNames.map((name) => {
    const at = cells.indexOf(name)
    if (at >= 0) return [name, at]
    throw pinwheelError('DATASET_MISSING', { path, reason: `it has no column ${name}` })
  })
  return { count: cells.length, ...Object.fromEntries(places) } as Head
}

class RowColumns {
  readonly #numberOf = new Map<string, number>()
  readonly #items: number[] = []
  readonly #times: number[] = []
  readonly #positions: number[] = []
  readonly #clicks: number[] = []
  readonly #propensities: number[] = []

  /** Why the row cannot be taken, or undefined. */
  take(cells: readonly string[], head: Head): string | undefined {
    if (cells.length !== head.count) return `the row has not ${head.count} columns`
    const id = cells[head.item_id]!
    const time = Date.parse(cells[head.timestamp]!)
    const position = placeNames.get(cells[head.position]!)
    const click = numberOf(cells[head.click]!)
    const chance = numberOf(cells[head.propensity_score]!)
    if (idProblem(id)) return 'item_id is not an id'
    if (Number.isNaN(time)) return 'timestamp is not a time'
    if (position === undefined) {
      return `position is none of ${[...placeNames.keys()].join(', ')}`
    }
    if (click !== 0 && click !== 1) return 'click is not 0 or 1'
    if (!propensity.test(chance)) return `propensity_score is not ${propensity.expected}`
    const number = this.#numberOf.get(id) ?? this.#numberOf.size
    this.#numberOf.set(id, number)
    this.#items.push(number)
    this.#times.push(time)
    this.#positions.push(position)
    this.#clicks.push(click)
    this.#propensities.push(chance)
    return undefined
  }

  byTime() {
    const order = Uint32Array.from(this.#times.keys())
    order.sort((a, b) => this.#times[a]! - this.#times[b]! || a - b)
    return {
      items: order.map((row) => this.#items[row]!),
      positions: Uint8Array.from(order, (row) => this.#positions[row]!),
      rewards: Float64Array.from(order, (row) => this.#clicks[row]!),
      propensities: Float64Array.from(order, (row) => this.#propensities[row]!),
      itemIds: [...this.#numberOf.keys()],
    }
  }
}

function numberOf(cell: string): number {
  return cell.trim() === '' ? Number.NaN : Number(cell)
}
