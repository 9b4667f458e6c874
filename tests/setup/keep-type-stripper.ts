/**
 * Has Node's type stripper, a WebAssembly module, loaded on the test's own thread, as `node x.ts`
 * has, where vitest would not. Worker threads load it too, and while nobody else holds it, V8
 * (13.6, in Node 24) may free its code when one of them ends and still look at it when the next
 * begins: a segmentation fault in NativeModule::FreeCode, about once in a hundred starts on a busy
 * machine.
 */
import { stripTypeScriptTypes } from 'node:module'

stripTypeScriptTypes('export const held: true = true')
