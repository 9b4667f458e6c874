/** Pictures as rows of numbers: averages of parts, and grey pixels. */
import type { Canvas } from '../simulator/world/pictures/canvas.ts'

/** Averages of side × side parts of equal size, in [0, 1]: side × side × 3 numbers. */
export function averages({ rgb, width, height }: Canvas, side: number): Float32Array {
  const sums = new Float32Array(side * side * 3)
  const counts = new Uint32Array(side * side)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * side) / height)
    for (let x = 0; x < width; x++) {
      const part = row * side + Math.floor((x * side) / width)
      counts[part]!++
      for (let k = 0; k < 3; k++) sums[part * 3 + k]! += rgb[(y * width + x) * 3 + k]!
    }
  }
  return sums.map((sum, i) => sum / counts[Math.floor(i / 3)]! / 255)
}

/** Numbers of each column less their mean over the first `learned` rows, over their deviation. */
export function standardise(rows: readonly Float32Array[], learned: number): void {
  const width = rows[0]!.length
  for (let i = 0; i < width; i++) {
    let [sum, squares] = [0, 0]
    for (let row = 0; row < learned; row++) {
      sum += rows[row]![i]!
      squares += rows[row]![i]! ** 2
    }
    const mean = sum / learned
    const deviation = Math.sqrt(Math.max(1e-12, squares / learned - mean ** 2))
    for (const row of rows) row[i] = (row[i]! - mean) / deviation
  }
}

/** The `high` rows of pixels in the middle of a picture: grey, in bytes. */
export function greys({ rgb, width, height }: Canvas, high: number): Uint8Array {
  const from = Math.floor((height - high) / 2) * width
  return Uint8Array.from({ length: high * width }, (_, i) => {
    const at = (from + i) * 3
    return (rgb[at]! + rgb[at + 1]! + rgb[at + 2]!) / 3
  })
}
