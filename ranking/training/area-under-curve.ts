/** The probability that a positive scores above a negative; ties count half. O(n log n). */
export function areaUnderCurve(scores: Float64Array, labels: Float64Array): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!)
  let positives = 0
  let rankSum = 0
  for (let i = 0; i < order.length; ) {
    let end = i
    while (end < order.length && scores[order[end]!] === scores[order[i]!]) end++
    const rank = (i + 1 + end) / 2
    for (let k = i; k < end; k++) {
      if (labels[order[k]!] === 1) {
        positives++
        rankSum += rank
      }
    }
    i = end
  }
  const negatives = order.length - positives
  if (positives === 0 || negatives === 0) return Number.NaN
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
