/**
 * Runs seeds of a ladder and keeps what each gave in a file, so that a run that was ended goes on
 * with the seeds and arms that are missing.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../base/index.ts'
import {
  type ArmName,
  type LadderPreset,
  type LadderResult,
  presetHash,
  runLadderSeed,
  runSharedLadderSeed,
} from '../../simulator/index.ts'

/** A world for each arm, or one in which every person has an arm. */
export const ladderDesigns = ['parallel', 'shared'] as const
export type LadderDesign = (typeof ladderDesigns)[number]

export type SeedAsk = {
  readonly preset: LadderPreset
  readonly design: LadderDesign
  readonly seed: number
  readonly arms: readonly ArmName[]
  /** Where results are kept. */
  readonly out?: string
  readonly say?: (line: string) => void
}

export async function seedResult(ask: SeedAsk): Promise<LadderResult> {
  const { preset, design, seed, arms, out, say } = ask
  const path = out && join(out, resultName(ask))
  const kept = path ? await readResult(path) : undefined
  const missing = arms.filter((arm) => !kept?.arms[arm])
  if (kept && missing.length === 0) return kept
  // Arms that share a world depend on each other.
  const run = design === 'shared' ? runSharedLadderSeed : runLadderSeed
  const made = await run(preset, seed, design === 'shared' ? arms : missing, {
    clock: systemClock,
    cpuSeconds,
    onArm: (arm, { savesPerView, cpuSeconds: seconds }) => {
      const rate = `${(100 * savesPerView).toFixed(3)} % saved`
      say?.(`seed ${seed}: ${arm}: ${rate}, ${seconds.toFixed(0)} CPU seconds`)
    },
  })
  const result = { ...made, arms: { ...kept?.arms, ...made.arms } }
  if (path && out) {
    await mkdir(out, { recursive: true })
    await writeFile(`${path}.new`, `${JSON.stringify(result)}\n`)
    await rename(`${path}.new`, path)
  }
  return result
}

function resultName({ preset, design, seed, arms }: SeedAsk): string {
  const shared = design === 'shared' ? `shared-${arms.join('-')}-` : ''
  return `${presetHash(preset)}-${shared}${seed}.json`
}

/** A file that is missing or cannot be read is none: its seed runs again. */
async function readResult(path: string): Promise<LadderResult | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LadderResult
  } catch {
    return undefined
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
