/**
 * Shapes of the plain data that crosses an actor's border: arguments and results of its methods.
 *
 * `copy` checks and copies, so that the embedded host is never kinder than a network. Between hosts
 * `pack` and `unpack` also turn dense numbers of `refs` into outside ids and back.
 */
import { NONE } from './ids.ts'
import type { Names, Space } from './state-fields.ts'

export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

export interface Shape<T> {
  /** A checked deep copy; throws ShapeError with the path, the value and the expectation. */
  copy(value: unknown, path?: string): T
  /** A checked copy with outside ids, fit for JSON. */
  pack(value: unknown, names: Names, path?: string): unknown
  /** The reverse of `pack`. */
  unpack(value: unknown, names: Names, path?: string): T
}
export type ShapeOf<S> = S extends Shape<infer T> ? T : never

function wrong(path: string, value: unknown, expected: string): ShapeError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
  return new ShapeError(`${path || 'value'} is ${shown}; expected ${expected}`)
}

function leaf<T>(expected: string, fits: (value: unknown) => boolean): Shape<T> {
  const copy = (value: unknown, path = ''): T => {
    if (!fits(value)) throw wrong(path, value, expected)
    return value as T
  }
  return {
    copy,
    pack: (value, _names, path) => copy(value, path),
    unpack: (value, _names, path) => copy(value, path),
  }
}

export const numberShape = (low = -Number.MAX_VALUE, high = Number.MAX_VALUE): Shape<number> =>
  leaf(
    low === -Number.MAX_VALUE ? 'a finite number' : `a number from ${low} to ${high}`,
    (v) => typeof v === 'number' && v >= low && v <= high,
  )
export const flagShape: Shape<boolean> = leaf('true or false', (v) => typeof v === 'boolean')
export const textShape = (lengthMax: number): Shape<string> =>
  leaf(`text of at most ${lengthMax} characters`, (v) => {
    return typeof v === 'string' && v.length <= lengthMax
  })
export const nothingShape: Shape<undefined> = leaf('nothing', (v) => v === undefined || v === null)

/** A dense number here, an outside id between hosts; NONE packs as null. */
export function refShape<Index extends number>(space: Space): Shape<Index> {
  const expected = `a dense number of a ${space}`
  const copy = (value: unknown, path = ''): Index => {
    if (typeof value !== 'number' || !(value >= 0 && value <= NONE)) {
      throw wrong(path, value, expected)
    }
    return value as Index
  }
  return {
    copy,
    pack: (value, names, path) => {
      const index = copy(value, path)
      return index === NONE ? null : names[space].id(index)
    },
    unpack: (value, names, path = '') => {
      if (value === null) return NONE as Index
      if (typeof value !== 'string') throw wrong(path, value, `an id of a ${space}`)
      return names[space].intern(value) as Index
    },
  }
}

export function listShape<T>(of: Shape<T>, lengthMax: number): Shape<T[]> {
  const each = <R>(value: unknown, path: string, one: (item: unknown, path: string) => R): R[] => {
    if (!Array.isArray(value) || value.length > lengthMax) {
      throw wrong(path, value, `a list of at most ${lengthMax}`)
    }
    return value.map((item, i) => one(item, `${path}[${i}]`))
  }
  return {
    copy: (value, path = '') => each(value, path, (item, at) => of.copy(item, at)),
    pack: (value, names, path = '') => each(value, path, (item, at) => of.pack(item, names, at)),
    unpack: (value, names, path = '') =>
      each(value, path, (item, at) => of.unpack(item, names, at)),
  }
}

export function optionalShape<T>(of: Shape<T>): Shape<T | undefined> {
  const or = <R>(value: unknown, one: () => R) =>
    value === undefined || value === null ? undefined : one()
  return {
    copy: (value, path) => or(value, () => of.copy(value, path)),
    pack: (value, names, path) => or(value, () => of.pack(value, names, path)),
    unpack: (value, names, path) => or(value, () => of.unpack(value, names, path)),
  }
}

type Members = Readonly<Record<string, Shape<unknown>>>
type Optional<M extends Members> = {
  [K in keyof M]: undefined extends ShapeOf<M[K]> ? K : never
}[keyof M]
export type RecordOf<M extends Members> = {
  readonly [K in Exclude<keyof M, Optional<M>>]: ShapeOf<M[K]>
} & { readonly [K in Optional<M>]?: Exclude<ShapeOf<M[K]>, undefined> }

/** An object with exactly these members; optional ones may be absent, unknown ones are refused. */
export function recordShape<M extends Members>(members: M): Shape<RecordOf<M>> {
  const known = Object.entries(members)
  const each = (
    value: unknown,
    path: string,
    one: (shape: Shape<unknown>, item: unknown, path: string) => unknown,
  ) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw wrong(path, value, 'an object')
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(members, key)) {
        throw wrong(`${path}.${key}`, 'present', `only ${Object.keys(members).join(', ')}`)
      }
    }
    const copy: Record<string, unknown> = {}
    for (const [key, shape] of known) {
      const item = one(
        shape,
        (value as Record<string, unknown>)[key],
        path ? `${path}.${key}` : key,
      )
      if (item !== undefined) copy[key] = item
    }
    return copy as RecordOf<M>
  }
  return {
    copy: (value, path = '') => each(value, path, (s, item, at) => s.copy(item, at)),
    pack: (value, names, path = '') => each(value, path, (s, item, at) => s.pack(item, names, at)),
    unpack: (value, names, path = '') =>
      each(value, path, (s, item, at) => s.unpack(item, names, at)),
  }
}
