/**
 * How an actor's state is declared. One declaration gives the page layout (`layout.ts`) and its
 * views (`views.ts`), compact bytes for stores (`bytes.ts`, `stored.ts`), the inspector's picture
 * and the erase.
 *
 * A `ref` is a dense number inside the host and an outside id in compact bytes, so state may move
 * to another host whose numbers differ.
 */
import type { IdNumbers } from '../ids.ts'

/** Outside ids by what they name; `actor` is for types that own their ids alone. */
export const spaces = ['user', 'pin', 'board', 'tag', 'actor'] as const
export type Space = (typeof spaces)[number]
/** One thing for each space of ids. */
export function bySpace<T>(make: (space: Space) => T): Record<Space, T> {
  return Object.fromEntries(spaces.map((space) => [space, make(space)])) as Record<Space, T>
}
/** The dictionary of a host: numbers for each space of ids. */
export type Names = Readonly<Record<Space, IdNumbers>>

export type ScalarType = 'u8' | 'u16' | 'u32' | 'i32' | 'f32' | 'f64' | 'ref'
export type ScalarField = {
  readonly field: 'scalar'
  readonly type: ScalarType
  readonly space?: Space
}
export type RowFields = Readonly<Record<string, ScalarField>>
export type VectorField = {
  readonly field: 'vector'
  readonly of: ScalarField
  readonly length: number
}
/** The newest `capacity` rows, at most 65,535. */
export type RingField<R extends RowFields = RowFields> = {
  readonly field: 'ring'
  readonly row: R
  readonly capacity: number
}
/**
 * Rows by key, the row's first field (a u32 or a ref); when full, the row with the least `evictBy`
 * gives way.
 */
export type TableField<R extends RowFields = RowFields> = {
  readonly field: 'table'
  readonly row: R
  readonly capacity: number
  readonly evictBy: string
}
/**
 * The newest `capacity` rows, packed: a value that is the usual one takes no room. Of its fields one
 * is an f64 (a time, kept as differences) and one a u8, the others take a word each.
 */
export type TrailField<R extends RowFields = RowFields> = {
  readonly field: 'trail'
  readonly row: R
  readonly capacity: number
  /** By field; else NONE of refs, 0 of others. */
  readonly usual: Readonly<Record<string, number | undefined>>
}
export type TextField = { readonly field: 'text'; readonly bytesMax: number }
/** One row that may be absent, and then takes no room. */
export type OptionalField<R extends RowFields = RowFields> = {
  readonly field: 'optional'
  readonly row: R
}
export type Field =
  | ScalarField
  | VectorField
  | RingField
  | TrailField
  | TableField
  | TextField
  | OptionalField
export type StateFields = Readonly<Record<string, Field>>

const scalar = (type: ScalarType): ScalarField => Object.freeze({ field: 'scalar', type })
export const u8: ScalarField = scalar('u8')
export const u16: ScalarField = scalar('u16')
export const u32: ScalarField = scalar('u32')
export const i32: ScalarField = scalar('i32')
export const f32: ScalarField = scalar('f32')
export const f64: ScalarField = scalar('f64')
export const ref = (space: Space): ScalarField =>
  Object.freeze({ field: 'scalar', type: 'ref', space })
export const vector = (of: ScalarField, length: number): VectorField => ({
  field: 'vector',
  of,
  length,
})
export const ring = <R extends RowFields>(row: R, capacity: number): RingField<R> => ({
  field: 'ring',
  row,
  capacity,
})
export const trail = <R extends RowFields>(
  row: R,
  options: { readonly capacity: number; readonly usual?: { readonly [K in keyof R]?: number } },
): TrailField<R> => ({
  field: 'trail',
  row,
  capacity: options.capacity,
  usual: (options.usual ?? {}) as Readonly<Record<string, number | undefined>>,
})
export const table = <R extends RowFields>(
  row: R,
  options: { readonly capacity: number; readonly evictBy: keyof R & string },
): TableField<R> => ({ field: 'table', row, ...options })
export const text = (bytesMax: number): TextField => ({ field: 'text', bytesMax })
export const optional = <R extends RowFields>(row: R): OptionalField<R> => ({
  field: 'optional',
  row,
})

export type RowView<R extends RowFields> = { -readonly [K in keyof R]: number }
export interface VectorView {
  readonly length: number
  get(index: number): number
  set(index: number, value: number): void
}
/** Rows come as one flyweight: it moves at the next call of the same ring or table. */
export interface RingView<R extends RowFields> {
  readonly length: number
  /** A zeroed newest row (refs are NONE); the oldest gives way when full. */
  append(): RowView<R>
  /** 0 is the oldest. */
  at(index: number): RowView<R>
  /** Adds 1 to the first field of a row, a u32: one that is counted in is not looked at. */
  count(index: number): void
  /** Appends zeroed rows until there are so many. */
  extend(count: number): void
  clear(): void
}
/** Rows are read from the newest back, through one flyweight. */
export interface TrailView<R extends RowFields> {
  readonly length: number
  /** The row that `push` adds: set every field of it. */
  readonly next: RowView<R>
  /** Adds `next`; the oldest gives way when full. */
  push(): void
  /** Moves `row` to the newest; false when there is none. */
  newest(): boolean
  /** Moves `row` to the one before. */
  older(): boolean
  readonly row: Readonly<RowView<R>>
  /** Copies of all, oldest first. */
  rows(): readonly RowView<R>[]
  clear(): void
}
export interface TableView<R extends RowFields> {
  readonly length: number
  at(index: number): RowView<R>
  find(key: number): RowView<R> | undefined
  /** The row of `key`, made if need be. */
  upsert(key: number): RowView<R>
  remove(key: number): boolean
  clear(): void
}
export interface OptionalView<R extends RowFields> {
  /** The row, if it is there. */
  get(): RowView<R> | undefined
  /** The row, zeroed if it is new. */
  make(): RowView<R>
  clear(): void
}
export type FieldView<F> = F extends ScalarField
  ? number
  : F extends TextField
    ? string
    : F extends VectorField
      ? VectorView
      : F extends RingField<infer R>
        ? RingView<R>
        : F extends TrailField<infer R>
          ? TrailView<R>
          : F extends TableField<infer R>
            ? TableView<R>
            : F extends OptionalField<infer R>
              ? OptionalView<R>
              : never
export type StateView<F extends StateFields> = {
  -readonly [K in keyof F]: FieldView<F[K]>
}
