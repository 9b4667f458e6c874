/**
 * States as plain data: what the inspector shows, and what migrations read and give.
 */
import { NONE } from '../ids.ts'
import { heapAllocator } from '../memory.ts'
import { Arena } from './arena.ts'
import type {
  Names,
  OptionalView,
  RingView,
  RowFields,
  RowView,
  ScalarField,
  Space,
  StateFields,
  TableView,
  VectorView,
} from './fields.ts'
import { Page, Place } from './page.ts'
import { RowPages } from './row-pages.ts'
import { type PlainState, StateHandle, type StateSchema } from './state.ts'
import { Trail } from './trail.ts'

type Show = (field: ScalarField, value: number) => unknown

/** The row under `handle` with outside ids: the inspector's picture. */
export function inspectState<F extends StateFields>(
  handle: StateHandle<F>,
  names: Names,
): Record<string, unknown> {
  return picture(handle, (field, value) => {
    if (field.type !== 'ref') return value
    return value === NONE ? null : names[field.space!].id(value)
  })
}

/** The row under `handle` with this host's numbers. */
export function plainState<F extends StateFields>(handle: StateHandle<F>): PlainState {
  return picture(handle, (_, value) => value)
}

/** Shows every number of a space that the row under `handle` refers to, NONE left out. */
export function eachRef<F extends StateFields>(
  handle: StateHandle<F>,
  space: Space,
  visit: (index: number) => void,
): void {
  picture(handle, (field, value) => {
    if (field.type === 'ref' && field.space === space && value !== NONE) visit(value)
    return undefined
  })
}

function picture<F extends StateFields>(handle: StateHandle<F>, show: Show) {
  const state = handle.reading as Record<string, unknown>
  const shown: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(handle.schema.fields)) {
    const value = state[name]
    if (field.field === 'scalar') shown[name] = show(field, value as number)
    else if (field.field === 'text') shown[name] = value
    else if (field.field === 'vector') {
      const vector = value as VectorView
      shown[name] = Array.from({ length: vector.length }, (_, i) => show(field.of, vector.get(i)))
    } else {
      const row = (view: RowView<RowFields>) =>
        Object.fromEntries(Object.entries(field.row).map(([k, f]) => [k, show(f, view[k]!)]))
      if (field.field === 'trail') shown[name] = (value as Trail).rows().map(row)
      else if (field.field === 'optional') {
        const there = (value as OptionalView<RowFields>).get()
        shown[name] = there ? row(there) : null
      } else {
        const rows = value as RingView<RowFields>
        shown[name] = Array.from({ length: rows.length }, (_, i) => row(rows.at(i)))
      }
    }
  }
  return shown
}

/** Fills the (fresh) row under `handle`; what `plain` does not name stays zero. */
export function fillState<F extends StateFields>(handle: StateHandle<F>, plain: PlainState): void {
  const state = handle.state as Record<string, unknown>
  handle.stage.raw(() => {
    for (const [name, field] of Object.entries(handle.schema.fields)) {
      const value = plain[name]
      if (value === undefined || value === null) continue
      if (field.field === 'scalar' || field.field === 'text') state[name] = value
      else if (field.field === 'vector') {
        const vector = state[name] as VectorView
        const given = value as readonly number[]
        for (let i = 0; i < vector.length && i < given.length; i++) vector.set(i, given[i]!)
      } else {
        const rows = field.field === 'optional' ? [value] : (value as readonly object[])
        for (const row of rows) addRow(state[name], Object.entries(row as object))
      }
    }
  })
}

/** Adds a row to a ring, a table (the first member is its key) or an optional row. */
export function addRow(part: unknown, members: readonly (readonly [string, number])[]): void {
  if (part instanceof Trail) {
    Object.assign(part.next, Object.fromEntries(members))
    part.push()
    return
  }
  const rows = part as RingView<RowFields> | TableView<RowFields> | OptionalView<RowFields>
  const isTable = 'upsert' in rows
  const other = () => ('make' in rows ? rows.make() : (rows as RingView<RowFields>).append())
  const row = isTable ? rows.upsert(members[0]![1]) : other()
  members.forEach(([name, value], i) => {
    if (!(isTable && i === 0)) row[name] = value
  })
}

/** A state of the past, read into memory of its own and brought from version to version. */
export function migrated(
  past: StateSchema,
  present: StateSchema,
  read: (handle: StateHandle) => void,
): PlainState {
  const handle = aloneOnItsPage(past)
  read(handle)
  let plain = plainState(handle)
  const steps: NonNullable<StateSchema['migration']>[] = []
  for (let step = present.migration; step; step = step.from.migration) {
    steps.unshift(step)
    if (step.from === past) break
  }
  for (const { migrate } of steps) plain = migrate(plain)
  return plain
}

/** A row of zeros that nobody may write. */
export function blankRow({ layout }: StateSchema): Place {
  return new Place(new Page(new ArrayBuffer(layout.bytes)))
}

/** A handle over one fresh row in memory of its own. */
export function aloneOnItsPage<F extends StateFields>(schema: StateSchema<F>): StateHandle<F> {
  const pages = { allocate: heapAllocator, pageBytes: 1 << 17 }
  const handle = new StateHandle(schema, new Arena(pages))
  const rows = new RowPages(schema.layout.bytes, pages)
  rows.reach(0)
  handle.move(rows.pages[0]!, 0)
  return handle
}
