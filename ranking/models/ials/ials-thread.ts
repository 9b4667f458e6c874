/** Entry of a thread of implicit ALS: it solves its share of each half-sweep that it is told of. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../../base/index.ts'
import { type IalsShape, ialsViewed, type Side } from './ials-memory.ts'
import { solveClaimed, wasmRidge } from './ridge-kernel.ts'

export type IalsSetup = {
  readonly shape: IalsShape
  readonly wasm: WebAssembly.Memory
  readonly thread: number
}

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort
const { shape, wasm, thread } = workerData as IalsSetup
const memory = ialsViewed(shape, wasm)
const solve = wasmRidge(memory, thread)
port.on('message', (side: Side) => {
  solveClaimed(memory, solve, side)
  port.postMessage(side)
})
