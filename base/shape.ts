/**
 * Shapes of the plain data that crosses an actor's border: arguments and results of its methods.
 *
 * `copy` checks and copies, so that the embedded host is never kinder than a network. Between hosts
 * `pack` and `unpack` also turn dense numbers of `refs` into outside ids and back. Paths are put
 * together only when something is wrong: a check costs no string.
 */
import { type IdNumbers, NONE } from './ids.ts'
import { bySpace, type Names, type Space } from './state/index.ts'

export class ShapeError extends Error {
  override readonly name = 'ShapeError'
  readonly path: string
  readonly #problem: string

  constructor(path: string, problem: string) {
    super(`${path || 'the value'} ${problem}`)
    this.path = path
    this.#problem = problem
  }

  /** The same error, seen from what holds the value. */
  within(step: string): ShapeError {
    return new ShapeError(`${step}${this.path}`, this.#problem)
  }
}

/** What turns outside ids into dense numbers and back. */
export type IdTable = Readonly<Record<Space, Pick<IdNumbers, 'id' | 'intern'>>>

/** A table that gives no new numbers: an id that is not known is a ShapeError. */
export function knownIds(names: Names): IdTable {
  return bySpace((space) => ({
    id: (index) => names[space].id(index),
    intern: (id) => {
      const index = names[space].find(id)
      if (index < 0) throw wrong(id, `the id of a known ${space}`)
      return index
    },
  }))
}

export interface Shape<T> {
  /** A checked deep copy; throws ShapeError with the path, the value and the expectation. */
  copy(value: unknown): T
  /** A checked copy with outside ids, fit for JSON. */
  pack(value: unknown, names: IdTable): unknown
  /** The reverse of `pack`. */
  unpack(value: unknown, names: IdTable): T
  /** Of a value without parts, which is its own copy everywhere: whether it is one. */
  readonly fits?: (value: unknown) => boolean
}
export type ShapeOf<S> = S extends Shape<infer T> ? T : never

function wrong(value: unknown, expected: string): ShapeError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : describe(value)
  return new ShapeError('', `is ${shown}; expected ${expected}`)
}

/** Never calls what a stranger's object may define. */
function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

function within<T>(step: string | number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw error.within(typeof step === 'number' ? `[${step}]` : `.${step}`)
  }
}

function leaf<T>(expected: string, fits: (value: unknown) => boolean): Shape<T> {
  const copy = (value: unknown): T => {
    if (!fits(value)) throw wrong(value, expected)
    return value as T
  }
  return { copy, pack: copy, unpack: copy, fits }
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
export const oneOfShape = <const T extends string>(values: readonly T[]): Shape<T> =>
  leaf(`one of ${values.join(', ')}`, (v) => (values as readonly unknown[]).includes(v))
export const nothingShape: Shape<undefined> = leaf('nothing', (v) => v === undefined || v === null)

/** A dense number here, an outside id between hosts; NONE packs as null. */
export function refShape<Index extends number>(space: Space): Shape<Index> {
  const copy = (value: unknown): Index => {
    if (typeof value !== 'number' || !(value >= 0 && value <= NONE)) {
      throw wrong(value, `a dense number of a ${space}`)
    }
    return value as Index
  }
  return {
    copy,
    pack: (value, names) => {
      const index = copy(value)
      return index === NONE ? null : names[space].id(index)
    },
    unpack: (value, names) => {
      if (value === null) return NONE as Index
      if (typeof value !== 'string') throw wrong(value, `an id of a ${space}`)
      return names[space].intern(value) as Index
    },
  }
}

export function listShape<T>(of: Shape<T>, lengthMax: number): Shape<T[]> {
  const each = <R>(value: unknown, one: (item: unknown) => R): R[] => {
    if (!Array.isArray(value) || value.length > lengthMax) {
      throw wrong(value, `a list of at most ${lengthMax}`)
    }
    const copy: R[] = []
    try {
      for (const item of value) copy.push(one(item))
    } catch (error) {
      throw error instanceof ShapeError ? error.within(`[${copy.length}]`) : error
    }
    return copy
  }
  return {
    copy: (value) => each(value, of.copy),
    pack: (value, names) => each(value, (item) => of.pack(item, names)),
    unpack: (value, names) => each(value, (item) => of.unpack(item, names)),
  }
}

export function optionalShape<T>(of: Shape<T>): Shape<T | undefined> {
  const absent = (value: unknown) => value === undefined || value === null
  return {
    copy: (value) => (absent(value) ? undefined : of.copy(value)),
    pack: (value, names) => (absent(value) ? undefined : of.pack(value, names)),
    unpack: (value, names) => (absent(value) ? undefined : of.unpack(value, names)),
  }
}

/** An object of values by name, at most `lengthMax` of them. */
export function dictionaryShape<T>(of: Shape<T>, lengthMax: number): Shape<Record<string, T>> {
  const each = <R>(value: unknown, one: (item: unknown) => R): Record<string, R> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw wrong(value, 'an object')
    }
    const entries = Object.entries(value)
    if (entries.length > lengthMax) throw wrong(value, `at most ${lengthMax} members`)
    return Object.fromEntries(entries.map(([key, item]) => [key, within(key, () => one(item))]))
  }
  return {
    copy: (value) => each(value, of.copy),
    pack: (value, names) => each(value, (item) => of.pack(item, names)),
    unpack: (value, names) => each(value, (item) => of.unpack(item, names)),
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
  const each = (value: unknown, one: (shape: Shape<unknown>, item: unknown) => unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw wrong(value, 'an object')
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(members, key)) {
        const problem = `is present; expected only ${Object.keys(members).join(', ')}`
        throw new ShapeError(`.${key}`, problem)
      }
    }
    const copy: Record<string, unknown> = {}
    for (const [key, shape] of known) {
      const item = within(key, () => one(shape, (value as Record<string, unknown>)[key]))
      if (item !== undefined) copy[key] = item
    }
    return copy as RecordOf<M>
  }
  const quick = quickCopy<RecordOf<M>>(known)
  return {
    copy: (value) => quick(value) ?? each(value, (shape, item) => shape.copy(item)),
    pack: (value, names) => quick(value) ?? each(value, (shape, item) => shape.pack(item, names)),
    unpack: (value, names) =>
      quick(value) ?? each(value, (shape, item) => shape.unpack(item, names)),
  }
}

/**
 * The copy of a record of plain values, compiled, since going through members by name costs ten
 * times as much. Undefined where anything is unusual: the long way says what.
 */
function quickCopy<T>(
  known: readonly (readonly [string, Shape<unknown>])[],
): (value: unknown) => T | undefined {
  const isPlain = known.every(([name, { fits }]) => fits && /^[a-zA-Z]\w*$/.test(name))
  if (!isPlain || known.length === 0) return () => undefined
  const checks = known.map(([name], i) => `const m${i} = value.${name}; if (!f${i}(m${i})) return`)
  const copies = known.map(([name], i) => `${name}: m${i}`)
  const compiled = new Function(
    ...known.map((_, i) => `f${i}`),
    `return function quickCopy(value) {
      if (typeof value !== 'object' || value === null) return
      ${checks.join('\n')}
      let count = 0
      for (const _ in value) count++
      if (count === ${known.length}) return { ${copies.join(', ')} }
    }`,
  )
  return compiled(...known.map(([, { fits }]) => fits)) as (value: unknown) => T | undefined
}
