/**
 * What the demo's past takes on a disk: as JSON, as the log packs it, and in a base snapshot of all
 * states; each of the last two again in blocks of 64 KiB under zstd. `simulate cluster` takes its
 * ratios from here.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { Runtime } from '../../actors/index.ts'
import { silentLogger, systemClock } from '../../base/index.ts'
import { demoDefaults, demoEntries } from '../index.ts'

const sizes = {
  small: { users: 100, pins: 500, events: 3_000 },
  large: { users: 2_000, pins: 20_000, events: 300_000 },
} as const
const BLOCK = 64 * 1024
const BATCH = 1_000

export const bench = {
  name: 'simulator/bytes',

  async run({ size }: { readonly size: keyof typeof sizes }) {
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-bytes-'))
    const options = sizes[size]
    const runtime = await Runtime.start({
      directory,
      workers: 1,
      partitions: 4,
      usersMax: 1_000_000,
      pinsMax: 1_000_000,
      boardsMax: 1_000_000,
      tagsMax: 100_000,
      clock: systemClock,
      logger: silentLogger,
      bulk: true,
    })
    try {
      let [entries, jsonBytes] = [0, 0]
      let batch = []
      for (const entry of demoEntries(options)) {
        entries++
        jsonBytes += JSON.stringify(entry).length
        batch.push(entry)
        if (batch.length < BATCH) continue
        await runtime.ingest(batch)
        batch = []
      }
      await runtime.ingest(batch)
      await runtime.settled()
      await runtime.snapshot()
      const log = packed(filesOf(join(directory, 'log')))
      const states = (type: string) =>
        packed(filesOf(join(directory, 'snapshots'), (name) => name.startsWith(`${type}.`)))
      const [user, pin] = [states('User'), states('Pin')]
      return {
        seed: demoDefaults.seed,
        options: { ...options, block: BLOCK },
        entries,
        jsonBytesPerEntry: jsonBytes / entries,
        log: { bytesPerEntry: log.bytes / entries, ...log },
        user: { bytesEach: user.bytes / options.users, ...user },
        pin: { bytesEach: pin.bytes / options.pins, ...pin },
      }
    } finally {
      await runtime.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

function filesOf(folder: string, isMeant = (_name: string) => true): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isMeant(entry.name))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
}

function packed(files: readonly Buffer[]) {
  const blocks = files.flatMap((file) =>
    Array.from({ length: Math.ceil(file.length / BLOCK) }, (_, i) =>
      file.subarray(i * BLOCK, (i + 1) * BLOCK),
    ),
  )
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  const began = cpuMs()
  const small = blocks.map((block) => zstdCompressSync(block))
  const compressed = cpuMs()
  const back = small.map((block) => zstdDecompressSync(block))
  const decompressed = cpuMs()
  const sum = (list: readonly Uint8Array[]) => list.reduce((n, { length }) => n + length, 0)
  const bytes = sum(files)
  if (!back.every((block, i) => block.equals(blocks[i]!))) throw new Error('other bytes came back')
  const perMegabyte = (ms: number) => Math.round((1_000 * ms) / (bytes / 2 ** 20)) / 1_000
  return {
    bytes,
    ratio: Math.round((1_000 * sum(small)) / bytes) / 1_000,
    compressMsPerMegabyte: perMegabyte(compressed - began),
    decompressMsPerMegabyte: perMegabyte(decompressed - compressed),
    digest: crc32(Buffer.concat(small)).toString(16),
  }
}
