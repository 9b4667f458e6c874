/** The compiled kernel: a build product, read and compiled once a thread. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pinwheelError } from '../../base/index.ts'

const file = fileURLToPath(new URL('../../dist/graph/walk-kernel.wasm', import.meta.url))
let compiled: WebAssembly.Module | undefined

/** KERNEL_MISSING when it was not built. */
export function walkModule(): WebAssembly.Module {
  if (compiled) return compiled
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw pinwheelError('KERNEL_MISSING', { file }, error)
  }
  compiled = new WebAssembly.Module(bytes)
  return compiled
}
