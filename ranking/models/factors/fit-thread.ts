/** Entry of a thread that fits factors: it goes through the epochs with the others and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../../base/index.ts'
import { wasmFitKernel } from './fit-kernel.ts'
import { fitEpochs, type Part } from './fit-loop.ts'
import { type FitShape, viewed } from './fit-memory.ts'

export type FitSetup = Part & { readonly shape: FitShape; readonly wasm: WebAssembly.Memory }
/** Of thread 0 after each epoch. */
export type EpochEnd = { readonly epoch: number; readonly loss: number }

assert(parentPort !== null, 'this file is the entry of a worker thread')
const { shape, wasm, thread, plan } = workerData as FitSetup
const memory = viewed(shape, wasm)
let epoch = 0
for (const loss of fitEpochs(memory, wasmFitKernel(memory, thread), { thread, plan })) {
  epoch++
  if (thread === 0) parentPort.postMessage({ epoch, loss } satisfies EpochEnd)
}
