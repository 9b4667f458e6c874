/**
 * How degrees are spread: percentiles, concentration, and the exponent of the tail.
 *
 * The tail is fitted as Clauset, Shalizi and Newman do ("Power-law distributions in empirical
 * data", SIAM Review 2009) for whole numbers by the continuous approximation with half a step off
 * (their equation 3.7): alpha = 1 + n / Σ ln(x / (from - 1/2)) over the n degrees x of `from` or
 * more, where `from` is the degree whose fit has the smallest Kolmogorov-Smirnov distance.
 * O(n log n), and at most `TAIL_STARTS` passes over the distinct degrees.
 */

export type Tail = {
  readonly exponent: number
  /** (exponent - 1) / √n. */
  readonly standardError: number
  /** The smallest degree that belongs to the tail. */
  readonly from: number
  readonly nodes: number
  /** Kolmogorov-Smirnov distance of the fit. */
  readonly distance: number
}

export type DegreeLaws = {
  readonly nodes: number
  readonly mean: number
  readonly p10: number
  readonly median: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** 0 when all are equal, near 1 when one node has everything. */
  readonly gini: number
  /** Share of all edges at the tenth of the nodes with the highest degrees. */
  readonly topTenthShare: number
  /** Undefined where fewer than `TAIL_NODES_MIN` nodes could be a tail. */
  readonly tail: Tail | undefined
  /** Least squares of ln(degree) on ln(rank), ranks evenly spaced in the logarithm. */
  readonly zipfSlope: number
}

const TAIL_NODES_MIN = 50
const TAIL_STARTS = 300
const ZIPF_RANKS = 200

/** Of nodes with at least one edge; zeros are left out. */
export function degreeLaws(degrees: Uint32Array): DegreeLaws {
  const sorted = degrees.filter((d) => d > 0).sort()
  const nodes = sorted.length
  const sum = sorted.reduce((a, b) => a + b, 0)
  const at = (share: number) => percentile(sorted, share)
  const top = sorted.subarray(nodes - Math.ceil(nodes / 10)).reduce((a, b) => a + b, 0)
  return {
    nodes,
    mean: nodes === 0 ? 0 : sum / nodes,
    p10: at(0.1),
    median: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    max: at(1),
    gini: gini(sorted),
    topTenthShare: nodes === 0 ? 0 : top / sum,
    tail: fitTail(sorted),
    zipfSlope: zipfSlope(sorted),
  }
}

/** The smallest value that at least `share` of the ascending values do not exceed; 0 of none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** Mean absolute difference over twice the mean, of ascending values. */
export function gini(sorted: Uint32Array): number {
  const n = sorted.length
  let sum = 0
  let ranked = 0
  for (let i = 0; i < n; i++) {
    sum += sorted[i]!
    ranked += (i + 1) * sorted[i]!
  }
  return sum === 0 ? 0 : (2 * ranked) / (n * sum) - (n + 1) / n
}

/** The best fit over every start of the tail, of ascending values. */
export function fitTail(sorted: Uint32Array): Tail | undefined {
  const n = sorted.length
  /** Distinct values and where each begins. */
  const starts: number[] = []
  for (let i = 0; i < n; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) starts.push(i)
  const logsFrom = new Float64Array(n + 1)
  for (let i = n - 1; i >= 0; i--) logsFrom[i] = logsFrom[i + 1]! + Math.log(sorted[i]!)
  // A tail of one value has no slope.
  const possible = starts.filter((start, s) => n - start >= TAIL_NODES_MIN && s + 1 < starts.length)
  const every = Math.max(1, Math.ceil(possible.length / TAIL_STARTS))
  let best: Tail | undefined
  for (let s = 0; s < possible.length; s += every) {
    const start = possible[s]!
    const from = sorted[start]!
    const nodes = n - start
    const exponent = 1 + nodes / (logsFrom[start]! - nodes * Math.log(from - 0.5))
    const distance = tailDistance(sorted, starts.slice(s), exponent)
    if (best && distance >= best.distance) continue
    const standardError = (exponent - 1) / Math.sqrt(nodes)
    best = { exponent, standardError, from, nodes, distance }
  }
  return best
}

/** Kolmogorov-Smirnov distance; `starts` are the places of the tail's distinct values. */
function tailDistance(sorted: Uint32Array, starts: readonly number[], exponent: number): number {
  const first = starts[0]!
  const nodes = sorted.length - first
  let worst = 0
  for (const start of starts) {
    const found = (sorted.length - start) / nodes
    const fitted = ((sorted[start]! - 0.5) / (sorted[first]! - 0.5)) ** (1 - exponent)
    worst = Math.max(worst, Math.abs(found - fitted))
  }
  return worst
}

function zipfSlope(sorted: Uint32Array): number {
  const n = sorted.length
  const ranks = new Set<number>()
  for (let i = 0; i < ZIPF_RANKS; i++) ranks.add(Math.round(n ** (i / (ZIPF_RANKS - 1))))
  const points = [...ranks]
    .filter((rank) => rank >= 1 && rank <= n)
    .map((rank) => [Math.log(rank), Math.log(sorted[n - rank]!)] as const)
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  let up = 0
  let down = 0
  for (const point of points) {
    up += (point[0] - x) * (point[1] - y)
    down += (point[0] - x) ** 2
  }
  return down === 0 ? 0 : up / down
}
