#!/usr/bin/env node
// The entry of every command: checks that this Node can run the program, then hands over.
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const { enableCompileCache } = nodeModule
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Pinwheel needs Node 22.18 or later; this is ${process.versions.node} (${process.execPath}).\n` +
      'Run it through npm (npm start, npm run pinwheel -- COMMAND): on Linux x64 and arm64 the\n' +
      'project brings Node 24 along. Elsewhere install Node 24 from https://nodejs.org.',
  )
  process.exit(2)
}
// What Node makes of the modules is kept beside them, where nobody else writes: half the start.
const kept = fileURLToPath(new URL('../node_modules/.cache/pinwheel', import.meta.url))
enableCompileCache?.(kept)
// Only this lets threads have it too: each would strip and compile its modules anew.
process.env.NODE_COMPILE_CACHE ??= kept
const { main } = await import('./main.ts')
process.exitCode = await main(process.argv.slice(2))
