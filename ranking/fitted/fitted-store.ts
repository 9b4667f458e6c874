/**
 * The folder of fitted models: VERSION.fit beside VERSION.json, the manifest. Both are written
 * under another name and renamed, the manifest last: a model without one does not exist.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import type { Fitted } from './fitted.ts'
import { encodeFitted, fittedVersion } from './fitted-file.ts'

export type FittedManifest = {
  readonly kind: 'fitted'
  /** The first digits of the SHA-256. */
  readonly version: string
  /** Name of the model, as `evaluate` has it. */
  readonly model: string
  readonly metrics: Readonly<Record<string, number | string>>
  /** Log entries that were read for it. */
  readonly entries: number
  readonly users: number
  readonly pins: number
  /** ms since the epoch. */
  readonly trainedAt: number
  /** Version of the newest model when it was made. */
  readonly parent?: string
  readonly bytes: number
  readonly sha256: string
}

/** A file cannot be read at once beyond this. */
export const fittedBytesMax = 2 ** 31 - 1

/** Where a data directory has them. */
export function fittedFolder(directory: string): string {
  return join(directory, 'models', 'fitted')
}

/** MODEL_TOO_LARGE where nothing could read it. */
export async function saveFitted(
  folder: string,
  fitted: Fitted,
  about: Pick<FittedManifest, 'metrics' | 'entries' | 'trainedAt'> & { readonly users: number },
): Promise<FittedManifest> {
  await mkdir(folder, { recursive: true })
  const parent = await latestFitted(folder).catch(() => undefined)
  const part = join(folder, `${process.pid}.new`)
  const { bytes, sha256 } = await write(part, encodeFitted(fitted))
  if (bytes > fittedBytesMax) {
    await rm(part)
    throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason: `the most is ${fittedBytesMax}` })
  }
  const version = fittedVersion(sha256)
  const manifest: FittedManifest = {
    kind: 'fitted',
    version,
    model: fitted.model,
    pins: fitted.pins.length,
    ...about,
    ...(parent && parent.version !== version && { parent: parent.version }),
    bytes,
    sha256,
  }
  await rename(part, join(folder, `${version}.fit`))
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  await writeFile(`${part}.json`, text, { flush: true })
  await rename(`${part}.json`, join(folder, `${version}.json`))
  return manifest
}

async function write(path: string, parts: Iterable<Uint8Array>) {
  const hash = createHash('sha256')
  let bytes = 0
  const file = await open(path, 'w')
  try {
    for (const part of parts) {
      await file.writeFile(part)
      hash.update(part)
      bytes += part.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

/**
 * The manifest of the newest model (equal times: the greater version), or undefined. MODEL_UNFIT
 * names a manifest that cannot be read.
 */
export async function latestFitted(folder: string): Promise<FittedManifest | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  let newest: FittedManifest | undefined
  for (const name of names.filter((name) => /^[0-9a-f]{12}\.json$/.test(name))) {
    const one = await readManifest(folder, name)
    const by = newest
      ? one.trainedAt - newest.trainedAt || (one.version > newest.version ? 1 : -1)
      : 1
    if (by > 0) newest = one
  }
  return newest
}

/** The bytes of a model. MODEL_UNFIT when they are not what the manifest says; MODEL_TOO_LARGE. */
export async function readFitted(folder: string, manifest: FittedManifest): Promise<Uint8Array> {
  const name = `${manifest.version}.fit`
  const unfit = (reason: string, cause?: unknown) =>
    pinwheelError('MODEL_UNFIT', { name, reason }, cause)
  const path = join(folder, name)
  const { size } = await stat(path).catch((error: unknown) => {
    throw unfit('its file cannot be read', error)
  })
  if (size > fittedBytesMax) {
    const reason = `${name} is longer than ${fittedBytesMax}`
    throw pinwheelError('MODEL_TOO_LARGE', { bytes: size, reason })
  }
  if (size !== manifest.bytes) throw unfit(`it has ${size} bytes, not ${manifest.bytes}`)
  const bytes = await readFile(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== manifest.sha256) throw unfit('its SHA-256 is not the manifest’s')
  return bytes
}

async function readManifest(folder: string, name: string): Promise<FittedManifest> {
  const unfit = (reason: string, cause?: unknown) =>
    pinwheelError('MODEL_UNFIT', { name, reason }, cause)
  let value: Partial<FittedManifest> | null
  try {
    const text = await readFile(join(folder, name), 'utf8')
    value = JSON.parse(text) as Partial<FittedManifest> | null
  } catch (error) {
    throw unfit('its manifest is not JSON', error)
  }
  const { kind, version, trainedAt, sha256, bytes } = value ?? {}
  // The version becomes a path: it must be the one that this very file is named after.
  if (`${version}.json` !== name) throw unfit('its manifest names another version')
  if (kind !== 'fitted') throw unfit('its manifest is of another kind')
  if (![trainedAt, bytes].every(Number.isFinite) || typeof sha256 !== 'string') {
    throw unfit('its manifest lacks trainedAt, bytes or sha256')
  }
  return value as FittedManifest
}
