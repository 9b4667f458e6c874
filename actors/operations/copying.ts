/** Copies of files, flushed; what is told apart by its name is copied by its name. */
import { join } from 'node:path'
import { fittedFolder } from '../../ranking/index.ts'
import { type Disk, listIfThere } from '../log/index.ts'

const PIECE_BYTES = 4 << 20

export async function copyFile(disk: Disk, from: string, to: string): Promise<void> {
  const [source, target] = [await disk.open(from, 'read'), await disk.open(to, 'create')]
  try {
    const piece = new Uint8Array(PIECE_BYTES)
    for (let at = 0; ; ) {
      const read = await source.read(piece, at)
      if (read === 0) break
      await target.write(piece.subarray(0, read), at)
      at += read
    }
    await target.flush()
  } finally {
    await source.close()
    await target.close()
  }
}

/** Copies the files of a folder that `isWanted` names, in order of name, and flushes the folder. */
export async function copyFolder(
  disk: Disk,
  from: string,
  to: string,
  isWanted: (name: string) => boolean,
): Promise<void> {
  await disk.makeDirectory(to)
  for (const name of await listIfThere(disk, from)) {
    if (isWanted(name)) await copyFile(disk, join(from, name), join(to, name))
  }
  await disk.flushDirectory(to)
}

/** Copies trained models: each file before the manifest that speaks of it. */
export async function copyModels(disk: Disk, from: string, to: string): Promise<void> {
  await copyKind(disk, join(from, 'models'), join(to, 'models'), 'onnx')
  const [source, target] = [fittedFolder(from), fittedFolder(to)]
  if ((await listIfThere(disk, source)).length > 0) await copyKind(disk, source, target, 'fit')
}

async function copyKind(disk: Disk, from: string, to: string, ending: string): Promise<void> {
  const manifests = (await listIfThere(disk, from)).filter((name) => name.endsWith('.json'))
  const models = new Set(manifests.map((name) => name.replace(/json$/, ending)))
  await copyFolder(disk, from, to, (name) => models.has(name))
  await copyFolder(disk, from, to, (name) => manifests.includes(name))
}
