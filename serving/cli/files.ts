/** Small files that a command is given, or leaves. */
import { readFileSync, writeFileSync } from 'node:fs'
import { pinwheelError } from '../../base/index.ts'

/** FILE_UNREADABLE */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw pinwheelError('FILE_UNREADABLE', { path, reason: (error as Error).message }, error)
  }
}

/** FILE_UNWRITABLE */
export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw pinwheelError('FILE_UNWRITABLE', { path, reason: (error as Error).message }, error)
  }
}
