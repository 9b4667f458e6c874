/** A PNG reader for tests: what `encodePng` writes and nothing more; it checks every CRC. */
import { crc32, inflateSync } from 'node:zlib'
import { assert } from '../../../base/index.ts'

export function readPng(png: Buffer): { width: number; height: number; rgb: Uint8Array } {
  assert(png.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n', 'a PNG has its signature')
  const chunks = new Map<string, Buffer>()
  let at = 8
  while (at < png.length) {
    const length = png.readUInt32BE(at)
    const body = png.subarray(at + 4, at + 8 + length)
    assert(crc32(body) === png.readUInt32BE(at + 8 + length), 'a chunk fits its CRC')
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4))
    at += 12 + length
  }
  const head = chunks.get('IHDR')!
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  assert(head.subarray(8).equals(Buffer.from([8, 2, 0, 0, 0])), 'it is 8-bit RGB')
  assert(chunks.get('IEND')?.length === 0, 'it has an end')
  const rows = inflateSync(chunks.get('IDAT')!)
  const stride = width * 3
  assert(rows.length === (stride + 1) * height, 'it holds one byte of filter a row')
  const rgb = new Uint8Array(stride * height)
  for (let y = 0; y < height; y++) {
    assert(rows[y * (stride + 1)] === 2, 'the filter is Up')
    for (let x = 0; x < stride; x++) {
      const above = y === 0 ? 0 : rgb[(y - 1) * stride + x]!
      rgb[y * stride + x] = rows[y * (stride + 1) + 1 + x]! + above
    }
  }
  return { width, height, rgb }
}
