/**
 * Has Node's type stripper, a WebAssembly module, loaded on the test's own thread before it starts
 * another, as `node x.ts` has, where vitest would not. Worker threads load it too, and while nobody
 * else holds it, V8 (13.6, in Node 24) may free its code when one of them ends and still look at it
 * when the next begins: a segmentation fault in NativeModule::FreeCode, about once in a hundred
 * starts on a busy machine. Most test files start none: they are spared its 40 ms.
 */
import { stripTypeScriptTypes, syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

const { Worker } = threads
let isHeld = false

class HeldWorker extends Worker {
  constructor(...started: ConstructorParameters<typeof Worker>) {
    if (!isHeld) stripTypeScriptTypes('export const held: true = true')
    isHeld = true
    super(...started)
  }
}
// Once in a process, which may run several files.
if (Worker.name !== HeldWorker.name) threads.Worker = HeldWorker
// Those who import it by name see it, too.
syncBuiltinESMExports()
