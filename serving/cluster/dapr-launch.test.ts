/** What our launcher starts against a record of what Dapr's CLI 1.18 started. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  comparable,
  readStarted,
  type Started,
  writeExample,
} from '../../tests/setup/dapr-example.ts'
import { readDaprFile, readDaprYaml } from './dapr-file.ts'
import { appLaunch, type Launch, sidecarLaunch, withDrawnPorts } from './dapr-launch.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pinwheel-example-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function startedOf(program: string, { env, ...launch }: Launch): Started {
  return { program, ...launch, environment: env as Readonly<Record<string, string>> }
}

test('the example is started as by the CLI', () => {
  const entries = readDaprFile(writeExample(folder))
  const inherited = { DAPR_RUNTIME_PATH: 'PREFIX', PATH: '/bin' }
  const ours = entries.flatMap((said) => {
    const entry = withDrawnPorts(said, [1, 2, 3, 4])
    const { program, ...app } = appLaunch(entry, inherited)
    const daprd = startedOf('daprd', sidecarLaunch(entry, inherited))
    return [daprd, startedOf(program, app)]
  })
  expect(comparable(ours)).toEqual(comparable(readStarted(folder)))
})

const read = (app: string, common = '{}') =>
  readDaprYaml(`version: 1\ncommon: ${common}\napps:\n  - ${app}`)[0]!
const flagsOf = (app: string, common?: string) => {
  const words = sidecarLaunch(read(app, common), {}).arguments.join(' ')
  return words.split(/ (?=--)/)
}

test('an app without a word of its own has what is common, and what the CLI says by itself', () => {
  const flags = flagsOf('{appDirPath: ., command: [node]}', '{logLevel: warn}')
  expect(flags).toEqual(
    expect.arrayContaining([
      ...['--log-level warn', '--max-body-size 4Mi', '--read-buffer-size 4Ki', '--app-port 0'],
      ...['--placement-host-address localhost:50005', '--app-protocol http'],
    ]),
  )
  expect(flags.join()).not.toContain('scheduler')
  expect(flags.join()).not.toContain('enable-app-health-check')
})

test('an address without a port gets the usual one; what is off is not said', () => {
  const app =
    '{appDirPath: ., command: [x], schedulerHostAddress: a, placementHostAddress: b, ' +
    'enableApiLogging: false, appHealthProbeInterval: 0, apiListenAddresses: 127.0.0.1}'
  const flags = flagsOf(app)
  expect(flags).toContain('--scheduler-host-address a:50006')
  expect(flags).toContain('--placement-host-address b:50005')
  expect(flags).toContain('--dapr-listen-addresses 127.0.0.1')
  expect(flags.join()).not.toMatch(/api-logging|probe-interval/)
})

test('variables: those of the file win over what is inherited, those of the app over common', () => {
  const app = '{appDirPath: ., command: [x], appPort: 5, env: {A: own, N: 7}}'
  const entry = read(app, '{env: {A: common, B: common}}')
  expect(appLaunch(entry, { A: 'inherited', C: 'inherited' }).env).toMatchObject({
    ...{ A: 'own', B: 'common', C: 'inherited', N: '7', APP_PORT: '5', APP_PROTOCOL: 'http' },
  })
  const { env } = sidecarLaunch(entry, { A: 'inherited' })
  expect(env).toEqual({ A: 'inherited', DAPR_HOST_IP: '127.0.0.1' })
})
