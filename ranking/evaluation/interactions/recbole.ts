/**
 * Interactions from a `.inter` file of the RecBole format. Its rows are saves where the rule says
 * so, else seen and not saved; without a rule all are saves. Times are in seconds, as `import`
 * reads them.
 */
import { idProblem, pinwheelError } from '../../../base/index.ts'
import { checkBroken, ImportReport } from '../import-report.ts'
import { readAttributes } from './attributes.ts'
import { type Column, placeOf, type RowTaker, readTable, tableAt } from './columns.ts'
import { type Interactions, InteractionsBuilder } from './interactions.ts'
import { isSave, type SaveRule } from './save-rule.ts'

export type RecboleOptions = {
  readonly save?: SaveRule
  /** Rows that may be left out as damaged. */
  readonly brokenMax?: number
}
export const recboleDefaults = Object.freeze({ brokenMax: 100 })

/**
 * `path` is the file or its directory. DATASET_MISSING without one, EVALUATION_OPTIONS for a rule
 * about no column of numbers, DATASET_BROKEN.
 */
export async function readRecbole(
  path: string,
  { save, brokenMax = recboleDefaults.brokenMax }: RecboleOptions = {},
): Promise<Interactions> {
  const file = tableAt(path, 'inter')
  if (file === undefined) {
    throw pinwheelError('DATASET_MISSING', { path, reason: 'no .inter file is there' })
  }
  const builder = new InteractionsBuilder()
  const report = new ImportReport()
  let timed = false
  await readTable(file, report, (columns) => {
    timed = columns.some(({ name }) => name === 'timestamp')
    return rowTaker(columns, { file, builder, report, ...(save && { save }) })
  })
  report.kept = builder.count
  checkBroken(file, report, brokenMax)
  const interactions = builder.build(timed ? 'times' : 'none', save !== undefined)
  const beside = new ImportReport()
  const attributes = await readAttributes(path, interactions.names, beside)
  checkBroken(path, beside, brokenMax)
  return { ...interactions, attributes, report }
}

type Taking = {
  readonly file: string
  readonly builder: InteractionsBuilder
  readonly report: ImportReport
  readonly save?: SaveRule
}

function rowTaker(columns: readonly Column[], taking: Taking): RowTaker {
  const { file, builder, report, save } = taking
  const user = placeOf(columns, 'user_id', { path: file })
  const item = placeOf(columns, 'item_id', { path: file })
  const time = columns.findIndex(({ name }) => name === 'timestamp')
  const field = save ? placeOf(columns, save.field, { path: file, option: '--save' }) : -1
  if (save && columns[field]!.type !== 'float') {
    const expected = 'a column of type float'
    throw pinwheelError('EVALUATION_OPTIONS', { option: '--save', value: save.field, expected })
  }
  return (cells, where, text) => {
    const at = time < 0 ? 0 : Math.round(numberOf(cells[time]!) * 1000)
    const value = save ? numberOf(cells[field]!) : 0
    if (idProblem(cells[user])) report.reject('user_id is not an id', where, text)
    else if (idProblem(cells[item])) report.reject('item_id is not an id', where, text)
    else if (!Number.isFinite(at)) report.reject('timestamp is not a number', where, text)
    else if (!Number.isFinite(value)) report.reject(`${save?.field} is not a number`, where, text)
    else builder.meet(cells[user]!, cells[item]!, at, save ? isSave(save, value) : true)
  }
}

function numberOf(cell: string): number {
  return cell.trim() === '' ? Number.NaN : Number(cell)
}
