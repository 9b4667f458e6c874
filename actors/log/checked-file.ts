/** Small facts beside the log, as JSON with a checksum: replaced whole, believed whole or not. */
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { errorCode, pinwheelError } from '../../base/index.ts'
import type { Disk } from './disk.ts'

/**
 * What `read` makes of the file `name` in the log's folder; undefined where there is none.
 * DIRECTORY_INVALID when it is damaged.
 */
export async function readChecked<T>(
  disk: Disk,
  root: string,
  name: string,
  read: (fact: unknown) => T,
): Promise<T | undefined> {
  let text: string
  try {
    text = Buffer.from(await disk.readAll(join(root, name))).toString('utf8')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
    return undefined
  }
  try {
    const { body, crc } = JSON.parse(text) as { body: string; crc: number }
    if (crc32(body) !== crc) throw new Error('its CRC differs')
    return read(JSON.parse(body))
  } catch (error) {
    if (errorCode(error)) throw error
    const problem = error instanceof Error ? error.message : String(error)
    const reason = `${basename(root)}/${name}: ${problem}`
    throw pinwheelError('DIRECTORY_INVALID', { directory: root, reason }, error)
  }
}

export async function writeChecked(
  disk: Disk,
  root: string,
  name: string,
  fact: unknown,
): Promise<void> {
  const body = JSON.stringify(fact)
  const bytes = Buffer.from(`${JSON.stringify({ body, crc: crc32(body) })}\n`)
  await disk.replace(join(root, name), bytes)
}
