/** Copies of files, flushed; what is told apart by its name is copied by its name. */
import { join } from 'node:path'
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
  const [source, target] = [join(from, 'models'), join(to, 'models')]
  const manifests = (await listIfThere(disk, source)).filter((name) => name.endsWith('.json'))
  const models = new Set(manifests.map((name) => name.replace(/json$/, 'onnx')))
  await copyFolder(disk, source, target, (name) => models.has(name))
  await copyFolder(disk, source, target, (name) => manifests.includes(name))
}
