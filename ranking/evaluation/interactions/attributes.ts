/** What `.item` and `.user` files of the RecBole format say of items and users, by column. */
import type { IdReader } from '../../../graph/index.ts'
import { ImportReport } from '../import-report.ts'
import { type ColumnType, placeOf, readTable, type TableKind, tableAt } from './columns.ts'

export type Attribute = string | number | readonly string[] | readonly number[]
export type AttributeColumn = {
  readonly type: ColumnType
  /** By the number of the item or user; undefined where the file says nothing. */
  readonly values: readonly (Attribute | undefined)[]
}
/** By name of the column, without the one of ids. */
export type AttributeTable = Readonly<Record<string, AttributeColumn>>
export type AttributeTables = { readonly items?: AttributeTable; readonly users?: AttributeTable }

/**
 * Those beside the interactions at `path`. Who is in no interaction is left out. A row that does
 * not fit is counted in `report`.
 */
export async function readAttributes(
  path: string,
  names: { readonly items: IdReader; readonly users: IdReader },
  report = new ImportReport(),
): Promise<AttributeTables> {
  const items = await tableOf(path, 'item', names.items, report)
  const users = await tableOf(path, 'user', names.users, report)
  return { ...(items && { items }), ...(users && { users }) }
}

async function tableOf(
  path: string,
  kind: Exclude<TableKind, 'inter'>,
  names: IdReader,
  report: ImportReport,
): Promise<AttributeTable | undefined> {
  const file = tableAt(path, kind)
  if (file === undefined) return undefined
  const numbers = new Map(Array.from({ length: names.size }, (_, n) => [names.id(n), n]))
  const table = new Map<string, { type: ColumnType; values: (Attribute | undefined)[] }>()
  await readTable(file, report, (columns) => {
    const id = placeOf(columns, `${kind}_id`, { path: file })
    const told = columns.map((column) => ({
      ...column,
      values: new Array<Attribute | undefined>(names.size),
    }))
    told.forEach(({ name, type, values }, c) => {
      if (c !== id) table.set(name, { type, values })
    })
    return (cells, where, text) => {
      const number = numbers.get(cells[id]!)
      if (number === undefined) return
      for (const [c, { type, values }] of told.entries()) {
        if (c === id || cells[c] === '') continue
        const value = attributeOf(type, cells[c]!)
        if (value === undefined) report.reject(`${told[c]!.name} is not a ${type}`, where, text)
        else values[number] = value
      }
    }
  })
  return Object.fromEntries(table)
}

/** Undefined for what is not of the type. */
export function attributeOf(type: ColumnType, cell: string): Attribute | undefined {
  const words = () => cell.split(' ').filter((word) => word !== '')
  switch (type) {
    case 'token':
      return cell
    case 'token_seq':
      return words()
    case 'float': {
      const value = Number(cell)
      return Number.isFinite(value) && cell.trim() !== '' ? value : undefined
    }
    case 'float_seq': {
      const values = words().map(Number)
      return values.every(Number.isFinite) ? values : undefined
    }
  }
}
