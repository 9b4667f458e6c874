/**
 * hnswlib.mjs: compiles hnswlib-node, which comes as C++ alone, with the node-gyp that npm brings.
 *
 * node-gyp would fetch Node's headers from the internet; they are taken from the Node that the
 * project installs, or from beside the one that runs, so that an installation needs packages only.
 * Where it cannot be compiled the installation goes on: vector search then scans, and an index of
 * the graph kind is refused by name (ANN_NATIVE_MISSING).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { arch, env, execPath, platform } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'node_modules/hnswlib-node')

/** Whether a fresh process can load it: one that was compiled elsewhere is none. */
const loads = () =>
  spawnSync(execPath, ['-e', 'require(process.argv[1])', folder], { stdio: 'ignore' }).status === 0

const headersIn = (prefix) => existsSync(join(prefix, 'include/node/node_api.h'))

function compile() {
  const gyp = env.npm_config_node_gyp
  if (!gyp) return 'run this by `npm run prepare`, as npm brings node-gyp'
  const prefixes = [join(root, `node_modules/node-${platform}-${arch}`), dirname(dirname(execPath))]
  const nodedir = prefixes.find(headersIn)
  const flags = ['rebuild', '--directory', folder, ...(nodedir ? ['--nodedir', nodedir] : [])]
  const { status, stdout, stderr } = spawnSync(execPath, [gyp, ...flags], { encoding: 'utf8' })
  // Objects of the compilation are eight times what comes of them.
  rmSync(join(folder, 'build/Release/obj.target'), { recursive: true, force: true })
  if (status === 0) return undefined
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => /err/i.test(line))
  return ['it needs make, python3 and a C++ compiler', ...lines.slice(0, 8)].join('\n  ')
}

const problem = existsSync(folder) && !loads() ? compile() : undefined
if (problem) console.error(`hnswlib-node was not compiled: ${problem}`)
