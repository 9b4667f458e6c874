/** Compiled kernels: build products in dist/, each read and compiled once a thread. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pinwheelError } from '../base/index.ts'

const compiled = new Map<string, WebAssembly.Module>()

/** The kernel at dist/`path`. KERNEL_MISSING when it was not built. */
export function kernelModule(path: string): WebAssembly.Module {
  const known = compiled.get(path)
  if (known) return known
  const file = fileURLToPath(new URL(`../dist/${path}`, import.meta.url))
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw pinwheelError('KERNEL_MISSING', { file }, error)
  }
  const module = new WebAssembly.Module(bytes)
  compiled.set(path, module)
  return module
}
