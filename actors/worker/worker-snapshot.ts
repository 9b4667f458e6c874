/** A worker's part of a snapshot: written while it goes on folding, read before its first block. */
import type { Clock } from '../../base/index.ts'
import type { Engine } from '../engine.ts'
import type { Disk } from '../log/index.ts'
import { readSection, type Section, writeSection } from '../snapshots/section.ts'

type Place = { readonly disk: Disk; readonly folder: string }

/** Keeps what the engine has at this moment; `desk` sets the files of workers apart. */
export async function writeParts(
  engine: Engine,
  { disk, folder, desk }: Place & { readonly desk: number },
  clock: Clock,
): Promise<Section[]> {
  const sections: Section[] = []
  try {
    for (const { name, chunks } of engine.beginSnapshot()) {
      const part = { name: `${name}.${desk}`, chunks }
      sections.push(await writeSection(disk, folder, part, () => clock.yield()))
    }
    return sections
  } finally {
    engine.endSnapshot()
  }
}

/** Gives the engine what is its own, whichever of how many workers wrote it. BASE_DAMAGED. */
export async function readParts(
  engine: Engine,
  { disk, folder }: Place,
  sections: readonly Section[],
  workers: number,
): Promise<void> {
  for (const section of sections) {
    const part = section.name.slice(0, section.name.lastIndexOf('.'))
    if (!engine.reads(part)) continue
    for await (const chunk of readSection(disk, folder, section)) {
      engine.load(part, chunk, workers)
    }
  }
}
