/** A directory that is well, and the same with one thing wrong. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { saveModel } from '../../ranking/index.ts'
import { DeadLetters } from '../hosts/embedded/dead-letters.ts'
import { StateLog } from '../hosts/embedded/state-log.ts'
import { writeChecked } from '../log/checked-file.ts'
import { realDisk } from '../log/index.ts'
import { writeLosses } from '../log/losses.ts'
import { examine, type Finding } from './doctor.ts'
import { erasureOf, writeErasures } from './erasures.ts'
import { entries, ingest, scratchFolders, startSmall } from './testing.ts'

const scratch = scratchFolders('doctor')
const whole = scratch.next()
/** One whose first segments are gone. */
const dropped = scratch.next()
afterAll(scratch.clear)

beforeAll(async () => {
  for (const directory of [whole, dropped]) {
    const shortened = { logBytes: 6_000, ports: { duplicateWindow: 20 } }
    const runtime = await startSmall(directory, directory === dropped ? shortened : {})
    for (let n = 0; n < 4; n++) {
      await ingest(runtime, entries(n, 150))
      await runtime.snapshot()
    }
    await runtime.stop()
    const states = await StateLog.open(directory)
    await states.put('Counter', 'a', Uint8Array.of(1, 2, 3))
    await states.put('Counter', 'b', Uint8Array.of(4))
    await states.close()
    await saveModel(join(directory, 'models'), Uint8Array.of(1, 2), {
      version: 'v1',
      inputs: [],
      metrics: {},
      entries: 0,
      trainedAt: 1,
      range: { from: 0, to: 1 },
    })
  }
})

const plenty = async () => 1e12
const segments = (directory: string, partition = 'p01') =>
  readdirSync(join(directory, 'log', partition)).map((name) =>
    join(directory, 'log', partition, name),
  )
function change(path: string, damage: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(path, damage(readFileSync(path)))
}
const flip = (at: number) => (bytes: Buffer) => {
  bytes[at]! ^= 1
  return bytes
}
const newer = (path: string) =>
  change(path, (bytes) => {
    const { body } = JSON.parse(bytes.toString()) as { body: string }
    return Buffer.from(body.replace(/"format":\d/, '"format":9'))
  })
async function rewritten(directory: string, name: string) {
  newer(join(directory, name))
  const fact = JSON.parse(readFileSync(join(directory, name), 'utf8')) as unknown
  const [file = '', ...folders] = name.split('/').reverse()
  await writeChecked(realDisk, join(directory, ...folders.reverse()), file, fact)
}
const newestSnapshot = (directory: string) =>
  join('snapshots', readdirSync(join(directory, 'snapshots')).sort().at(-1)!)

test('a directory that is well: every check says so, and nothing in it changes', async () => {
  const before = readdirSync(whole, { recursive: true }).sort()
  const { isWell, findings, entries, bytes } = await examine({
    directory: whole,
    freeBytes: plenty,
  })
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  expect([isWell, entries]).toEqual([true, 600])
  expect(bytes).toBeGreaterThan(600 * 20)
  expect(new Set(findings.map(({ check }) => check))).toEqual(
    new Set(
      'directory,lock,restore,log,disk,snapshots,states,erasures,dead letters,models'.split(','),
    ),
  )
  expect(readdirSync(whole, { recursive: true }).sort()).toEqual(before)
  const shortened = await examine({ directory: dropped, freeBytes: plenty })
  expect(shortened.findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  const { says } = shortened.findings.find(({ check }) => check === 'log')!
  expect(says).toContain('older ones are in base snapshots alone')
})

type Case = readonly [
  name: string,
  from: 'whole' | 'dropped',
  spoil: (directory: string) => unknown,
  verdict: Finding['verdict'],
  check: string,
  says: RegExp,
]
const cases: readonly Case[] = [
  [
    'a flipped bit in a segment',
    'whole',
    (d) => change(segments(d)[1]!, flip(60)),
    'problem',
    'log',
    /p01.*damaged at byte \d+: its CRC differs/,
  ],
  [
    'a segment that is missing',
    'whole',
    (d) => rmSync(segments(d)[1]!),
    'problem',
    'log',
    /position \d+ stands where \d+ belongs/,
  ],
  [
    'a missing first segment',
    'whole',
    (d) => rmSync(segments(d)[0]!),
    'problem',
    'log',
    /stands where 0 belongs/,
  ],
  [
    'a last segment that is torn',
    'whole',
    (d) => change(segments(d).at(-1)!, (bytes) => Buffer.concat([bytes, bytes.subarray(0, 30)])),
    'warning',
    'log',
    /ends in \d+ bytes of a write that was not finished/,
  ],
  [
    'entries that a snapshot has and the log lost',
    'whole',
    (d) => rmSync(segments(d).at(-1)!),
    'problem',
    'snapshots',
    /has entries up to \d+ of partition 1, where the log ends at/,
  ],
  [
    'gaps that were accepted',
    'whole',
    (d) => writeLosses(realDisk, join(d, 'log'), [{ partition: 0, from: 10_000, to: 10_005 }]),
    'warning',
    'log',
    /5 entries are missing/,
  ],
  [
    'no meta.json',
    'whole',
    (d) => rmSync(join(d, 'log', 'meta.json')),
    'problem',
    'log',
    /no log\/meta.json/,
  ],
  [
    'a damaged meta.json',
    'whole',
    (d) => change(join(d, 'log', 'meta.json'), flip(12)),
    'problem',
    'log',
    /meta.json/,
  ],
  [
    'a log of a newer program',
    'whole',
    (d) => rewritten(d, 'log/meta.json'),
    'problem',
    'log',
    /format 9; this program reads 1/,
  ],
  [
    'a newer snapshot',
    'whole',
    (d) => rewritten(d, join(newestSnapshot(d), 'manifest.json')),
    'problem',
    'snapshots',
    /format 9/,
  ],
  [
    'a snapshot with a flipped bit',
    'whole',
    (d) => change(join(d, newestSnapshot(d), 'Pin.0'), flip(100)),
    'warning',
    'snapshots',
    /its CRC differs/,
  ],
  [
    'a snapshot that was not finished',
    'whole',
    (d) => mkdirSync(join(d, 'snapshots/0000000099')),
    'warning',
    'snapshots',
    /0000000099 was not finished/,
  ],
  [
    'no snapshot for a log that begins later',
    'dropped',
    (d) => rmSync(join(d, 'snapshots'), { recursive: true }),
    'problem',
    'snapshots',
    /no whole base snapshot has what came before/,
  ],
  [
    'a damaged log of states',
    'whole',
    (d) => change(join(d, 'state', readdirSync(join(d, 'state'))[0]!), flip(50)),
    'problem',
    'states',
    /damaged at byte 0/,
  ],
  [
    'a model with a flipped bit',
    'whole',
    (d) => change(join(d, 'models', 'v1.onnx'), flip(1)),
    'warning',
    'models',
    /SHA-256/,
  ],
  ['dead letters', 'whole', bury, 'warning', 'dead letters', /1 entries could not.*"x": it threw/],
  [
    'damaged dead letters',
    'whole',
    (d) => writeFileSync(join(d, 'dead-letters.json'), '{'),
    'problem',
    'dead letters',
    /dead-letters.json/,
  ],
  [
    'an erasure that was interrupted',
    'whole',
    (d) => writeErasures(realDisk, d, [erasureOf('x', 1)]),
    'problem',
    'erasures',
    /1 of 1 were interrupted/,
  ],
  [
    'a restore that was interrupted',
    'whole',
    (d) => mkdirSync(join(d, 'restored-now')),
    'problem',
    'restore',
    /a restore was interrupted. The next start, or restore, finishes it/,
  ],
  [
    'a copy that a restore left',
    'whole',
    (d) => mkdirSync(join(d, 'restoring')),
    'warning',
    'restore',
    /nothing else was changed/,
  ],
  [
    'what was there before a restore',
    'whole',
    (d) => mkdirSync(join(d, 'before-now')),
    'warning',
    'restore',
    /before-now: what the directory held/,
  ],
  [
    'no directory',
    'whole',
    (d) => rmSync(d, { recursive: true }),
    'problem',
    'directory',
    /does not exist/,
  ],
]

async function bury(directory: string): Promise<void> {
  const letters = await DeadLetters.open(realDisk, directory, () => {})
  letters.add({ type: 'User', id: 'x', partition: 0, position: 1, reason: 'it threw' })
  await letters.kept()
}

describe('what is wrong is named', () => {
  test.each(cases)('%s', async (_, from, spoil, verdict, check, says) => {
    const directory = scratch.next()
    cpSync(from === 'whole' ? whole : dropped, directory, { recursive: true })
    await spoil(directory)
    const { isWell, findings } = await examine({ directory, freeBytes: plenty })
    const found = findings.filter((finding) => finding.verdict !== 'ok')
    expect(found.map((finding) => [finding.verdict, finding.check])).toContainEqual([
      verdict,
      check,
    ])
    expect(found.map((finding) => finding.says).join('\n')).toMatch(says)
    expect(isWell).toBe(verdict !== 'problem')
    for (const finding of found) {
      if (finding.verdict === 'problem') expect(finding.next).toMatch(/^[A-Z].*\.$/)
    }
  })

  test.each([
    [1e6, 'problem', false],
    [3e8, 'ok', true],
  ])('%d free bytes', async (free, verdict, isWell) => {
    const found = await examine({ directory: whole, freeBytes: async () => free })
    expect(found.findings.find(({ check }) => check === 'disk')).toMatchObject({ verdict })
    expect(found.isWell).toBe(isWell)
  })

  test('who has the lock, and who left it', async () => {
    const directory = scratch.next()
    cpSync(whole, directory, { recursive: true })
    writeFileSync(join(directory, 'lock'), '999999999 1\n')
    const says = async () => {
      const { findings } = await examine({ directory, freeBytes: plenty })
      return findings.find(({ check }) => check === 'lock')!.says
    }
    expect(await says()).toContain('left by process 999999999')
    const runtime = await startSmall(directory)
    expect(await says()).toBe(`process ${process.pid} has it`)
    await runtime.stop()
    expect(await says()).toBe('nobody has it')
  })
})
