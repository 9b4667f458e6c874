/**
 * Big arrays that nothing holds any more. The engine collects by what its own heap has grown by,
 * so that a thread which makes few objects keeps a replaced graph of gigabytes for minutes, and of
 * memory that threads share each must have let go.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Of less than this the engine's own collections are soon enough. */
const BYTES_MIN = 16 * 2 ** 20

let collect: (() => void) | undefined

/**
 * To be called when this thread has let go of `bytes` in arrays: where they are many it collects
 * now, a pause of some 20 ms for a heap of tens of MB.
 */
export function letGo(bytes: number): void {
  if (bytes < BYTES_MIN) return
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
