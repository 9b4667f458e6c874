/**
 * Makes the views of a declared state. Accessors are compiled for each schema: code that one schema
 * has to itself, with offsets as constants, reads a field in a nanosecond; accessors shared by
 * schemas were ten times slower, since the engine then guesses the kind of every access. Compiled
 * text holds nothing but numbers from a layout and field names that were checked.
 *
 * A state has two views over one place: one for writes, whose setters change, and one for reads,
 * whose setters refuse.
 */
import { assert } from '../assert.ts'
import type { Arena } from './arena.ts'
import type { Field, RowFields, ScalarType, StateFields, VectorField } from './fields.ts'
import { ROW_HEADER_WORDS, rowLayout, type StateLayout, sizes } from './layout.ts'
import { Place } from './page.ts'
import { Optional, Ring, type RowViews, Table } from './pooled.ts'
import { Text } from './pooled-text.ts'
import type { Stage } from './stage.ts'
import { Trail } from './trail.ts'

/** How a view takes a change: at once, after noting the word, or not at all. */
type Manner = 'free' | 'noted' | 'refused'

/** A place in the typed array of its type: `index` counts elements of it. */
function element(type: ScalarType, at: number, index = '0'): string {
  const plus = index === '0' ? '' : ` + ${index}`
  switch (type) {
    case 'u8':
      return `p.page.u8[(p.word << 2) + ${at}${plus}]`
    case 'u16':
      return `p.page.u16[(p.word << 1) + ${at >>> 1}${plus}]`
    case 'f64':
      return `p.page.f64[((p.word + ${at >>> 2}) >>> 1)${plus}]`
    default:
      return `p.page.${type === 'ref' ? 'u32' : type}[p.word + ${at >>> 2}${plus}]`
  }
}

const read = (type: ScalarType, at: number, index?: string) =>
  // A ref lies as number + 1, so that a zeroed row reads as NONE.
  type === 'ref' ? `(${element(type, at, index)} - 1) >>> 0` : element(type, at, index)

function change(type: ScalarType, at: number, manner: Manner, index?: string): string {
  if (manner === 'refused') return 'this.stage.refuse()'
  const value = type === 'ref' ? '(value + 1) >>> 0' : 'value'
  const set = `${element(type, at, index)} = ${value}`
  return manner === 'free' ? set : `${notes(type, at, index)}; ${set}`
}

function notes(type: ScalarType, at: number, index?: string): string {
  const bytes = sizes[type]
  const word = index ? `p.word + ((${at} + ${index} * ${bytes}) >>> 2)` : `p.word + ${at >>> 2}`
  const note = (more: string) => `this.stage.note(p.page, ${word}${more})`
  return bytes === 8 ? `${note('')}; ${note(' + 1')}` : note('')
}

/** What views have beside the fields of their state. */
const own: ReadonlySet<string> = new Set(['page', 'word', 'place', 'stage', 'constructor'])

type Scalar = { readonly name: string; readonly at: number; readonly type: ScalarType }

function accessors(scalars: readonly Scalar[], manner: Manner, place: string): string {
  return scalars
    .map(({ name, at, type }) => {
      assert(/^[a-z][A-Za-z0-9]*$/.test(name), 'a field is named by an identifier')
      assert(!own.has(name), `"${name}" is a view’s own: name the field otherwise`)
      return `get ${name}() { const p = ${place}; return ${read(type, at)} }
  set ${name}(value) { const p = ${place}; ${change(type, at, manner)} }`
    })
    .join('\n  ')
}

type Viewed = { readonly place: Place; readonly stage: Stage }
type ViewClass = new (viewed: Viewed) => object

/** By what they say: handles of one schema share their classes. */
const compiled = new Map<string, ViewClass>()

/** By the declaration they belong to: their text need not be put together for every handle. */
const classes = new WeakMap<object, Map<string, ViewClass>>()

function classOf(declaration: object, what: string, body: () => string): ViewClass {
  const known = classes.get(declaration) ?? new Map<string, ViewClass>()
  classes.set(declaration, known)
  const View = known.get(what) ?? compile(body())
  known.set(what, View)
  return View
}

function compile(body: string): ViewClass {
  const known = compiled.get(body)
  if (known) return known
  const fields =
    'constructor({ place, stage }) { this.page = place.page; this.word = 0; this.place = place; this.stage = stage }'
  const View = new Function('outside', `return class { ${fields}\n  ${body} }`)(outside)
  compiled.set(body, View)
  return View
}

function outside(index: number, length: number): never {
  throw new RangeError(`element ${index} of a vector of ${length}`)
}

function vectorBody({ of: { type }, length }: VectorField, at: number, manner: Manner): string {
  const check = `if (!(index >= 0 && index < ${length})) outside(index, ${length})`
  return `get length() { return ${length} }
  get(index) { ${check}; const p = this.place; return ${read(type, at, 'index')} }
  set(index, value) { ${check}; const p = this.place; ${change(type, at, manner, 'index')} }`
}

function rowViews(row: RowFields, stage: Stage, isWritable: boolean): RowViews {
  const { fields, bytes } = rowLayout(row)
  const scalars = fields.map(({ name, at }) => ({ name, at, type: row[name]!.type }))
  const viewed = { place: new Place(), stage }
  const view = (manner: Manner) =>
    new (classOf(row, manner, () => accessors(scalars, manner, 'this.place')))(viewed)
  return {
    place: viewed.place,
    row: view(isWritable ? 'noted' : 'refused'),
    fresh: isWritable ? view('free') : undefined,
    words: bytes >>> 2,
  }
}

export type PooledPart = Ring | Trail | Table | Text | Optional
/** A view of a whole state is a place too, moved with the one that its parts share. */
export type StateRoot = Place
export type Views = {
  readonly state: StateRoot
  /** In order of declaration, with the word of each one's header. */
  readonly parts: readonly { readonly at: number; readonly part: PooledPart }[]
}

export type ViewOptions = {
  readonly fields: StateFields
  readonly layout: StateLayout
  readonly place: Place
  readonly arena: Arena
  readonly stage: Stage
  readonly isWritable: boolean
}

/** One view of a state, for writes or for reads. */
export function viewsOf(options: ViewOptions): Views {
  const { fields, layout, place, stage, isWritable } = options
  const manner = isWritable ? 'free' : 'refused'
  const scalars: Scalar[] = []
  const texts = new Map<string, Text>()
  const parts: { readonly at: number; readonly part: PooledPart }[] = []
  const members: Record<string, object> = {}
  for (const { name, at } of layout.fields) {
    const field = fields[name]!
    if (field.field === 'scalar') scalars.push({ name, at, type: field.type })
  }
  // The state's view is a place itself: its own fields are one step nearer.
  const View = classOf(layout, manner, () => accessors(scalars, manner, 'this'))
  const state = new View({ place, stage }) as StateRoot
  for (const { name, at } of layout.fields) {
    const field = fields[name]!
    if (field.field === 'vector') {
      const isImage = at >>> 2 < layout.imageEnd
      const its = isWritable && !isImage ? 'noted' : manner
      const Vector = classOf(layout, `${its} ${name}`, () => vectorBody(field, at, its))
      members[name] = new Vector({ place: state, stage })
    } else if (field.field !== 'scalar') {
      const part = pooled(field, at, options)
      parts.push({ at: at >>> 2, part })
      if (part instanceof Text) texts.set(name, part)
      else members[name] = part
    }
  }
  for (const [name, part] of texts) {
    const set = (value: string) => part.write(value)
    Object.defineProperty(state, name, { get: () => part.read(), set, enumerable: true })
  }
  return { state: Object.assign(state, members), parts }
}

function pooled(field: Field, at: number, options: ViewOptions): PooledPart {
  const { place, arena, stage, isWritable } = options
  const base = { root: place, header: at >>> 2, arena, stage }
  if (field.field === 'text') return new Text(base, field.bytesMax, isWritable)
  if (field.field === 'trail') return new Trail(base, { ...field, isWritable })
  assert(field.field !== 'scalar' && field.field !== 'vector', 'what is pooled has rows')
  const views = rowViews(field.row, stage, isWritable)
  if (field.field === 'optional') return new Optional(base, views)
  if (field.field === 'ring') return new Ring(base, views, field.capacity)
  const [key, keyField] = Object.entries(field.row)[0]!
  const { type } = keyField
  assert(type === 'ref' || type === 'u32', 'the key of a table is a u32 or a ref')
  const keyAt = rowLayout(field.row).fields.find(({ name }) => name === key)!.at
  return new Table(base, views, {
    capacity: field.capacity,
    evictBy: field.evictBy,
    key,
    keyWord: keyAt >>> 2,
    keyShift: type === 'ref' ? 1 : 0,
  })
}

export type Image = {
  /** Copies the image of a row at `word` aside, and back. */
  readonly keep: (u32: Uint32Array, word: number, image: Uint32Array) => void
  readonly restore: (u32: Uint32Array, word: number, image: Uint32Array) => void
}

/** The two copies, written out. */
export function imageOf({ imageEnd }: StateLayout): Image {
  const words = Array.from({ length: imageEnd - ROW_HEADER_WORDS }, (_, i) => i)
  const copy = (line: (i: number, at: number) => string) =>
    new Function('u32', 'word', 'image', words.map((i) => line(i, i + ROW_HEADER_WORDS)).join('\n'))
  return {
    keep: copy((i, at) => `image[${i}] = u32[word + ${at}]`) as Image['keep'],
    restore: copy((i, at) => `u32[word + ${at}] = image[${i}]`) as Image['restore'],
  }
}
