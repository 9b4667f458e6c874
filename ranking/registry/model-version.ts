import { createHash } from 'node:crypto'

/** The version of a model: the first 12 hexadecimal digits of the SHA-256 of its file. */
export function modelVersion(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}
