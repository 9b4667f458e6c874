/**
 * The kernel that searches vectors: a scan over bytes keeps the candidates, floats rank them.
 *
 * A row is kept as signed bytes with a scale of its own, and as floats. A query's bytes are 7 bits
 * and a shift, so that one instruction multiplies sixteen of them and adds them up with a defined
 * result on every machine; the shift is taken off by the sum of the row's bytes. What the scan
 * keeps is only a choice of candidates: scores come from the floats, whichever way a row was found.
 *
 * Everything lies in one imported memory that threads share; `ann/vector-memory.ts` says where. A
 * row is its id's newest where `rowOf` says so (row + 1, 0 is none); no other is ever an answer.
 */
import { madd, sumOf } from '../lanes'

/** Bytes of a row, floats of a row: the dimensions rounded up. */
let codeBytes: usize = 0
let floatBytes: usize = 0
let idLimit: u32 = 0
let ids: usize = 0
let rowOf: usize = 0
let scales: usize = 0
let sums: usize = 0
let codes: usize = 0
let floats: usize = 0
/** Of the desk: the query's bytes and floats, and the candidates' keys and rows. */
let queryCodes: usize = 0
let query: usize = 0
let keys: usize = 0
let rows: usize = 0

/** Candidates kept, and at most; a heap with the least at its root. */
let count: u32 = 0
let room: u32 = 0
let least: f32 = 0

const NONE: u32 = 0xffffffff

function word(table: usize, index: i32): usize {
  return <usize>load<u32>(table + ((<usize>index) << 2))
}

/** Reads a desk's table of sizes and addresses. */
export function bindVectors(table: usize): void {
  codeBytes = word(table, 0)
  floatBytes = word(table, 1)
  idLimit = <u32>word(table, 2)
  ids = word(table, 3)
  rowOf = word(table, 4)
  scales = word(table, 5)
  sums = word(table, 6)
  codes = word(table, 7)
  floats = word(table, 8)
  queryCodes = word(table, 9)
  query = word(table, 10)
  keys = word(table, 11)
  rows = word(table, 12)
}

/** Begins a choice of at most `most` candidates. */
export function beginChoice(most: u32): void {
  count = 0
  room = most
  least = -Infinity
}

export function chosen(): u32 {
  return count
}

/** The rows' bytes by the query's, in the row's own scale: what the choice goes by. */
function keyOf(row: usize): f32 {
  const code = codes + row * codeBytes
  let sum = i32x4.splat(0)
  for (let at: usize = 0; at < codeBytes; at += 16) {
    sum = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(code + at), v128.load(queryCodes + at), sum)
  }
  const pairs = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1))
  const dot = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1)
  const shifted = dot - (load<i32>(sums + (row << 2)) << 6)
  return <f32>shifted * load<f32>(scales + (row << 2))
}

function allows(filter: usize, id: u32): bool {
  return ((load<u32>(filter + ((<usize>(id >> 5)) << 2)) >> (id & 31)) & 1) !== 0
}

/** Rows [first, end), in which a filter may leave out; 0 is none. */
export function scanRows(first: u32, end: u32, filter: usize): void {
  for (let row = first; row < end; row++) {
    const id = load<u32>(ids + ((<usize>row) << 2))
    if (id >= idLimit) continue
    if (filter !== 0 && !allows(filter, id)) continue
    const key = keyOf(row)
    if (count === room && key <= least) continue
    // Most rows end above; only what is kept is asked whether it is the newest.
    if (load<u32>(rowOf + ((<usize>id) << 2)) !== row + 1) continue
    keep(key, row)
  }
}

/** The rows of what a filter lets through, words [first, end) of it. */
export function scanAllowed(first: u32, end: u32, filter: usize): void {
  for (let at = first; at < end; at++) {
    let bits = load<u32>(filter + ((<usize>at) << 2))
    while (bits !== 0) {
      const id = (at << 5) + ctz<u32>(bits)
      bits &= bits - 1
      if (id >= idLimit) return
      const row = load<u32>(rowOf + ((<usize>id) << 2)) - 1
      if (row === NONE) continue
      const key = keyOf(row)
      if (count < room || key > least) keep(key, row)
    }
  }
}

/** How many ids that are held a filter lets through. */
export function countAllowed(filter: usize, held: usize, words: u32): u32 {
  let total: u32 = 0
  const end = (<usize>words) << 2
  for (let at: usize = 0; at < end; at += 4) {
    total += popcnt<u32>(load<u32>(filter + at) & load<u32>(held + at))
  }
  return total
}

function keep(key: f32, row: u32): void {
  if (count < room) {
    let at = count++
    while (at > 0) {
      const up = (at - 1) >> 1
      const above = load<f32>(keys + ((<usize>up) << 2))
      if (above <= key) break
      put(at, above, load<u32>(rows + ((<usize>up) << 2)))
      at = up
    }
    put(at, key, row)
  } else sink(0, count, key, row)
  if (count === room) least = load<f32>(keys)
}

function put(at: u32, key: f32, row: u32): void {
  store<f32>(keys + ((<usize>at) << 2), key)
  store<u32>(rows + ((<usize>at) << 2), row)
}

function sink(from: u32, end: u32, key: f32, row: u32): void {
  let at = from
  for (;;) {
    let child: u32 = 2 * at + 1
    if (child >= end) break
    if (child + 1 < end && isLess(child + 1, child)) child++
    const childKey = load<f32>(keys + ((<usize>child) << 2))
    const childRow = load<u32>(rows + ((<usize>child) << 2))
    if (childKey > key || (childKey === key && childRow <= row)) break
    put(at, childKey, childRow)
    at = child
  }
  put(at, key, row)
}

/** By key; of equal ones the greater number is less, as it comes later in an answer. */
function isLess(a: u32, b: u32): bool {
  const x = load<f32>(keys + ((<usize>a) << 2))
  const y = load<f32>(keys + ((<usize>b) << 2))
  if (x !== y) return x < y
  return load<u32>(rows + ((<usize>a) << 2)) > load<u32>(rows + ((<usize>b) << 2))
}

/** The floats of a row by the query's, always summed in the same order. */
export function scoreOf(row: u32): f32 {
  let sum = f32x4.splat(0)
  const at = floats + <usize>row * floatBytes
  for (let lane: usize = 0; lane < floatBytes; lane += 16) {
    sum = madd(v128.load(query + lane), v128.load(at + lane), sum)
  }
  return sumOf(sum)
}

/** Rows whose floats are looked for together: each is far from the last. */
const AHEAD: u32 = 32

/**
 * The floats of each of `given` rows at the desk by the query's, as their keys. Returns what was
 * only looked at, so that it is looked at at all.
 */
export function score(given: u32): u32 {
  let seen: u32 = 0
  for (let from: u32 = 0; from < given; from += AHEAD) {
    const end = min(given, from + AHEAD)
    for (let i = from; i < end; i++) {
      const at = floats + <usize>load<u32>(rows + ((<usize>i) << 2)) * floatBytes
      for (let line: usize = 0; line < floatBytes; line += 64) seen ^= load<u32>(at + line)
    }
    for (let i = from; i < end; i++) {
      const row = load<u32>(rows + ((<usize>i) << 2))
      store<f32>(keys + ((<usize>i) << 2), scoreOf(row))
    }
  }
  return seen
}

/**
 * Of `given` rows at the desk: turned to the newest rows of their ids, scored by their floats and
 * sorted, the best first, equal ones by id. In place of rows and keys then lie ids and scores;
 * returns how many there are, nothing twice.
 */
export function rank(given: u32): u32 {
  let held: u32 = 0
  for (let i: u32 = 0; i < given; i++) {
    const id = load<u32>(ids + ((<usize>load<u32>(rows + ((<usize>i) << 2))) << 2))
    if (id >= idLimit) continue
    const row = atomic.load<u32>(rowOf + ((<usize>id) << 2)) - 1
    if (row === NONE) continue
    put(held++, scoreOf(row), id)
  }
  sort(held)
  let left: u32 = 0
  for (let i: u32 = 0; i < held; i++) {
    const id = load<u32>(rows + ((<usize>i) << 2))
    if (left > 0 && id === load<u32>(rows + ((<usize>(left - 1)) << 2))) continue
    put(left++, load<f32>(keys + ((<usize>i) << 2)), id)
  }
  return left
}

/** Heapsort: the least goes to the end. */
function sort(length: u32): void {
  for (let at = length >> 1; at-- > 0; ) {
    sink(at, length, load<f32>(keys + ((<usize>at) << 2)), load<u32>(rows + ((<usize>at) << 2)))
  }
  for (let end = length; end-- > 1; ) {
    const key = load<f32>(keys + ((<usize>end) << 2))
    const id = load<u32>(rows + ((<usize>end) << 2))
    put(end, load<f32>(keys), load<u32>(rows))
    sink(0, end, key, id)
  }
}
