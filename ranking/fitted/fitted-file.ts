/**
 * A fitted model as one run of bytes. Everything that the bytes say is checked before anybody
 * scores by it: what is damaged, foreign or does not agree with itself is refused, whoever wrote
 * it.
 */
import { type Allocator, heapAllocator, idProblem, pinwheelError } from '../../base/index.ts'
import { decodeLists, encodeLists } from '../training/engine/index.ts'
import { type Fitted, type FittedPart, type FormName, formNames, type PartArray } from './fitted.ts'
import { forms } from './forms.ts'

const MAGIC = 'PWFITTD1'

type PartHead = {
  readonly form: string
  readonly weight: number
  readonly numbers: Readonly<Record<string, number>>
  /** Names of the arrays, in the order of their lists. */
  readonly arrays: readonly string[]
}
type Head = {
  readonly model: string
  readonly pins: readonly string[]
  readonly parts: readonly PartHead[]
}

/** The bytes, part by part. */
export function encodeFitted({ model, pins, users, parts }: Fitted): IterableIterator<Uint8Array> {
  const head: Head = {
    model,
    pins,
    parts: parts.map(({ arrays, ...part }) => ({ ...part, arrays: Object.keys(arrays) })),
  }
  const arrays = parts.flatMap((part) => Object.values(part.arrays))
  return encodeLists(MAGIC, { head, lists: [users.hashes, users.prints, ...arrays].map(asWords) })
}

/** The first 12 hexadecimal digits of the SHA-256 of the bytes. */
export function fittedVersion(sha256: string): string {
  return sha256.slice(0, 12)
}

/** In memory from `allocate`. MODEL_UNFIT names the file and says what is wrong with it. */
export function decodeFitted(
  bytes: Uint8Array,
  name: string,
  allocate: Allocator = heapAllocator,
): Fitted {
  try {
    const { head, lists } = decodeLists<Head>(MAGIC, bytes, allocate)
    return fittedOf(head, lists)
  } catch (error) {
    // Of whatever kind it is, it is about the bytes: nothing else went in.
    throw pinwheelError('MODEL_UNFIT', { name, reason: (error as Error).message }, error)
  }
}

function fittedOf(head: Head, lists: readonly Float32Array[]): Fitted {
  const { model, pins, parts } = checkedHead(head)
  const [hashes, prints, ...rest] = lists
  if (!hashes || prints?.length !== 2 * hashes.length) {
    throw new RangeError('its users are not told as users are')
  }
  const sizes = { items: pins.length, users: hashes.length }
  let next = 0
  const opened = parts.map((part, number): FittedPart => {
    const form = part.form as FormName
    const rules = forms[form].rules(part.numbers, sizes)
    const arrays: Record<string, PartArray> = {}
    for (const array of part.arrays) {
      const rule = rules[array]
      const list = rest[next++]
      const what = `list "${array}" of its part ${number}`
      if (!rule || !list) throw new RangeError(`${what} is not one of a ${form} model`)
      arrays[array] = checkedArray(list, rule, what)
    }
    const missing = Object.keys(rules).find((key) => !arrays[key] && !rules[key]!.optional)
    if (missing) throw new RangeError(`its part ${number} lacks the list "${missing}"`)
    checkOffsets(arrays['offsets'], part.numbers['pairs'])
    return { form, weight: part.weight, numbers: part.numbers, arrays }
  })
  if (next !== rest.length) throw new RangeError('it has lists of no part')
  return { model, pins, users: { hashes: words(hashes), prints: words(prints) }, parts: opened }
}

function checkedHead(head: Head): Head {
  const { model, pins, parts } = Object(head) as Partial<Head>
  if (typeof model !== 'string') throw new RangeError('its head names no model')
  if (!Array.isArray(pins) || pins.length === 0) throw new RangeError('its head names no pins')
  pins.forEach((pin: unknown, item) => {
    if (typeof pin !== 'string' || idProblem(pin) !== undefined) {
      throw new RangeError(`its pin ${item} is no id`)
    }
    if (item > 0 && !((pins[item - 1] as string) < pin)) {
      throw new RangeError(`its pins are not in order at ${item}`)
    }
  })
  if (!Array.isArray(parts) || parts.length === 0) throw new RangeError('it has no parts')
  for (const [number, part] of (parts as Partial<PartHead>[]).entries()) {
    const { form, weight, numbers, arrays } = Object(part) as Partial<PartHead>
    if (!(formNames as readonly unknown[]).includes(form)) {
      throw new RangeError(`its part ${number} has a form that is not known`)
    }
    const wanted = forms[form as FormName].numbers
    const values = Object.values(numbers ?? {})
    const isTold = wanted.every((key) => Number.isFinite(numbers?.[key]))
    if (!isTold || values.length !== wanted.length || !Number.isFinite(weight)) {
      throw new RangeError(`its part ${number} lacks a number, or has one that is none`)
    }
    if (!Array.isArray(arrays) || arrays.some((name) => typeof name !== 'string')) {
      throw new RangeError(`its part ${number} names no lists`)
    }
  }
  return { model, pins, parts }
}

type Rule = ReturnType<(typeof forms)[FormName]['rules']>[string]

function checkedArray(list: Float32Array, rule: Rule, what: string): PartArray {
  const array = rule.type === 'f32' ? list : rule.type === 'u32' ? words(list) : doubles(list)
  if (array.length !== rule.length) {
    throw new RangeError(`${what} has ${array.length} numbers, not ${rule.length}`)
  }
  const { below = Number.POSITIVE_INFINITY } = rule
  for (let i = 0; i < array.length; i++) {
    const value = array[i]!
    if (!Number.isFinite(value)) throw new RangeError(`${what} has a number that is not finite`)
    if (value >= below) throw new RangeError(`${what} has ${value}, not below ${below}`)
  }
  return array
}

function checkOffsets(offsets: PartArray | undefined, pairs = 0): void {
  if (!offsets) return
  const inOrder = offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1]!)
  if (!inOrder || offsets[0] !== 0 || offsets.at(-1) !== pairs) {
    throw new RangeError('its rows do not stand one after the other')
  }
}

function asWords({ buffer, byteOffset, byteLength }: PartArray): Float32Array {
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}
function words({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length)
}
function doubles({ buffer, byteOffset, length }: Float32Array): Float64Array {
  if (length % 2 !== 0) throw new RangeError('a list of doubles ends in the middle of one')
  return new Float64Array(buffer, byteOffset, length / 2)
}
