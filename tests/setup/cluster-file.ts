/** dapr.yaml for a test: on free ports, its data and its servers in a folder. */
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePorts, ownEnvironment } from './program.ts'

export type ClusterFile = {
  /** Everything is below it. */
  readonly folder: string
  readonly file: string
  readonly data: string
  /** Says where servers shall listen. */
  readonly env: NodeJS.ProcessEnv
  /** A port of dapr.yaml, and what stands for it. */
  readonly portOf: (known: number | string) => number
  /** The same with other apps and the same servers. */
  readonly withApps: (name: string, change: (text: string) => string) => Promise<string>
}

/** Of what apps and sidecars listen on. */
const appPortPattern = /(?<=Port: |--port, ")\d+/g
const portPattern = /(?<=Port: |--port, "|127\.0\.0\.1:)\d+/g

export async function writeClusterFile(): Promise<ClusterFile> {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-cluster-'))
  // PostgreSQL may run as another user.
  chmodSync(folder, 0o755)
  const text = readFileSync('dapr.yaml', 'utf8')
    .replaceAll('./components', resolve('components'))
    .replaceAll('./data', join(folder, 'models'))
    .replaceAll('appDirPath: .', `appDirPath: ${resolve('.')}`)
  const known = [...new Set(text.match(portPattern))]
  const [postgres, redis, neo4j, ...free] = await freePorts(known.length + 3)
  const ports = new Map(known.map((port, i) => [port, free[i]!]))
  const portOf = (port: number | string) => ports.get(String(port))!
  const written = text.replace(portPattern, (port) => String(portOf(port)))
  const write = (name: string, content: string) => {
    const file = join(folder, name)
    writeFileSync(file, content)
    return file
  }
  const withApps = async (name: string, change: (text: string) => string) => {
    const [head = '', apps = ''] = written.split(/^(?=apps:)/m)
    const changed = change(apps)
    const own = [...new Set(changed.match(appPortPattern))]
    const others = await freePorts(own.length)
    const moved = changed.replace(appPortPattern, (port) => String(others[own.indexOf(port)]))
    return write(name, head + moved)
  }
  const env = ownEnvironment({
    PINWHEEL_POSTGRES: `host=127.0.0.1 port=${postgres} user=pinwheel dbname=pinwheel sslmode=disable`,
    PINWHEEL_REDIS: `127.0.0.1:${redis}`,
    PINWHEEL_NEO4J_URL: `bolt://127.0.0.1:${neo4j}`,
    PINWHEEL_LOG_LEVEL: 'warn',
    // Java's first compiler alone starts sooner.
    JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1',
  })
  const file = write('dapr.yaml', written)
  return { folder, file, data: join(folder, 'servers'), env, portOf, withApps }
}
