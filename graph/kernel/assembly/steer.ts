/** Random numbers of a round, and who begins anew. */
import {
  AT,
  BEGUN,
  GOLDEN,
  HOME,
  HOME_LABEL,
  LABEL,
  OFFSET,
  RANDOM_BOARD,
  RANDOM_PIN,
} from './desk'

/**
 * Draws the numbers of a round and sends walkers home whose restart number is at most `restart`. A
 * walk's first board is drawn from the Weyl sequence (docs/adr/0006). `n` is rounded up to 4.
 */
export function steer(desk: usize, n: u32, restart: u32): void {
  let a = v128.load(desk)
  let b = v128.load(desk, 16)
  let c = v128.load(desk, 32)
  let d = v128.load(desk, 48)
  let begun = v128.load(desk, BEGUN)
  const offset = v128.load(desk, OFFSET)
  const one = i32x4.splat(1)
  const zero = i32x4.splat(0)
  const golden = i32x4.splat(GOLDEN)
  const bound = i32x4.splat(restart)
  const nowhere = i32x4.splat(-1)
  const end = desk + ((((<usize>n) << 2) + 15) & ~15)
  for (let p = desk; p < end; p += 16) {
    let t = i32x4.add(i32x4.add(a, b), d)
    a = v128.xor(b, i32x4.shr_u(b, 9))
    b = i32x4.add(c, i32x4.shl(c, 3))
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), t)
    d = i32x4.add(d, one)
    // Whoever stood at a node without edges is nowhere (NONE), and begins anew.
    const lost = i32x4.eq(v128.load(p, AT), nowhere)
    const home = v128.or(i32x4.le_u(t, bound), lost)

    t = i32x4.add(i32x4.add(a, b), d)
    a = v128.xor(b, i32x4.shr_u(b, 9))
    b = i32x4.add(c, i32x4.shl(c, 3))
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), t)
    d = i32x4.add(d, one)
    v128.store(p, t, RANDOM_BOARD)

    t = i32x4.add(i32x4.add(a, b), d)
    a = v128.xor(b, i32x4.shr_u(b, 9))
    b = i32x4.add(c, i32x4.shl(c, 3))
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), t)
    d = i32x4.add(d, one)

    // Walks begun so far, lane by lane: a running sum over four lanes.
    let sum = v128.and(home, one)
    sum = i32x4.add(sum, v128.shuffle<i32>(zero, sum, 0, 4, 5, 6))
    sum = i32x4.add(sum, v128.shuffle<i32>(zero, sum, 0, 1, 4, 5))
    sum = i32x4.add(sum, begun)
    begun = v128.shuffle<i32>(sum, sum, 3, 3, 3, 3)
    const even = i32x4.add(i32x4.mul(sum, golden), offset)
    v128.store(p, v128.bitselect(even, t, home), RANDOM_PIN)

    v128.store(p, v128.bitselect(v128.load(p, HOME), v128.load(p, AT), home), AT)
    v128.store(p, v128.bitselect(v128.load(p, HOME_LABEL), v128.load(p, LABEL), home), LABEL)
  }
  v128.store(desk, a)
  v128.store(desk, b, 16)
  v128.store(desk, c, 32)
  v128.store(desk, d, 48)
  v128.store(desk, begun, BEGUN)
}
