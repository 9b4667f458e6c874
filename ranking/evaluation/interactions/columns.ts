/**
 * Tables of the RecBole format: tab-separated, gzip or plain, whose first line names the columns
 * and their types, `name:type`, of token, token_seq, float and float_seq.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pinwheelError } from '../../../base/index.ts'
import type { ImportReport } from '../import-report.ts'
import { readLines } from '../lines.ts'

export const columnTypes = ['token', 'token_seq', 'float', 'float_seq'] as const
export type ColumnType = (typeof columnTypes)[number]
export type Column = { readonly name: string; readonly type: ColumnType }

export type TableKind = 'inter' | 'item' | 'user'

/** Hears each row that has as many cells as there are columns. */
export type RowTaker = (cells: readonly string[], where: string, text: string) => void

/**
 * The file of a kind at `path`: itself, or the first by name in the directory. Undefined where
 * there is none.
 */
export function tableAt(path: string, kind: TableKind): string | undefined {
  if (!existsSync(path)) return undefined
  const ends = new RegExp(`\\.${kind}(\\.gz)?$`)
  if (statSync(path).isFile()) {
    const other = path.replace(/\.(inter|item|user)(\.gz)?$/, '')
    const named = [`${other}.${kind}.gz`, `${other}.${kind}`]
    return ends.test(path) ? path : named.find((file) => existsSync(file))
  }
  const name = readdirSync(path)
    .filter((file) => ends.test(file))
    .sort()[0]
  return name === undefined ? undefined : join(path, name)
}

/**
 * Reads the table: `open` is given its columns and returns what takes the rows. DATASET_MISSING
 * for a first line that names no columns.
 */
export async function readTable(
  path: string,
  report: ImportReport,
  open: (columns: readonly Column[]) => RowTaker,
): Promise<void> {
  let columns: readonly Column[] | undefined
  let take: RowTaker | undefined
  for await (const lines of readLines(path)) {
    for (const { number, text } of lines) {
      const where = `${path}:${number}`
      if (text === '') continue
      if (!take) {
        columns = columnsOf(text ?? '', path)
        take = open(columns)
        continue
      }
      report.read++
      const cells = text?.split('\t') ?? []
      if (text === undefined) report.reject('the line is too long', where, '')
      else if (cells.length !== columns!.length) {
        report.reject(`the row has not ${columns!.length} columns`, where, text)
      } else take(cells, where, text)
    }
  }
  if (!take) throw pinwheelError('DATASET_MISSING', { path, reason: 'it is empty' })
}

function columnsOf(head: string, path: string): Column[] {
  return head.split('\t').map((cell) => {
    const [name = '', type = ''] = cell.split(':')
    if (name !== '' && (columnTypes as readonly string[]).includes(type)) {
      return { name, type: type as ColumnType }
    }
    const reason = `its first line has "${cell}" where name:type belongs`
    throw pinwheelError('DATASET_MISSING', { path, reason })
  })
}

/** Where a column stands. DATASET_MISSING, or EVALUATION_OPTIONS where an `option` names it. */
export function placeOf(
  columns: readonly Column[],
  name: string,
  { path, option }: { readonly path: string; readonly option?: string },
): number {
  const at = columns.findIndex((column) => column.name === name)
  if (at >= 0) return at
  const known = columns.map((column) => column.name).join(', ')
  if (option !== undefined) {
    throw pinwheelError('EVALUATION_OPTIONS', { option, value: name, expected: `one of ${known}` })
  }
  const reason = `it has no column ${name}, only ${known}`
  throw pinwheelError('DATASET_MISSING', { path, reason })
}
