/**
 * Trained models on disk, a directory a kind: DIR/VERSION.onnx beside DIR/VERSION.json, the
 * manifest (inputs, metrics, range of the data, parent, SHA-256). Written under a temporary name
 * and renamed; the manifest comes last, so a model without one does not exist.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import type { FeatureSummaries } from '../drift/feature-summary.ts'

/** The small ranker, and that of generation 3. */
export type ModelKind = 'light' | 'deep'

/** Where models of a kind lie in a data directory. */
export function modelsDirectory(data: string, kind: ModelKind): string {
  return kind === 'light' ? join(data, 'models') : join(data, 'models', kind)
}

/** The file of a model: the deep one is no ONNX graph alone. */
function fileOf({ version, kind }: Pick<Manifest, 'version' | 'kind'>): string {
  return kind === 'deep' ? `${version}.deep` : `${version}.onnx`
}

export type Manifest = {
  readonly version: string
  /** `light` where absent. */
  readonly kind?: ModelKind
  readonly inputs: readonly string[]
  readonly metrics: Readonly<Record<string, number | string>>
  /** Log entries that it learned from. */
  readonly entries: number
  /** ms since the epoch. */
  readonly trainedAt: number
  /** Times of the examples it learned from, ms since the epoch. */
  readonly range: { readonly from: number; readonly to: number }
  /** What it was taught of each feature; absent where it was made before that was kept. */
  readonly features?: FeatureSummaries
  /** Version of the model it replaced. */
  readonly parent?: string
  readonly sha256: string
}

export async function saveModel(
  directory: string,
  bytes: Uint8Array,
  about: Omit<Manifest, 'sha256'>,
): Promise<Manifest> {
  await mkdir(directory, { recursive: true })
  const manifest = { ...about, sha256: sha256(bytes) }
  await replace(join(directory, fileOf(about)), bytes)
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  await replace(join(directory, `${about.version}.json`), Buffer.from(text))
  return manifest
}

/**
 * The manifest of the newest model (equal times: the greater version), or undefined. MODEL_UNFIT
 * names one that cannot be read.
 */
export async function latestManifest(directory: string): Promise<Manifest | undefined> {
  const newestFirst = (a: Manifest, b: Manifest) =>
    b.trainedAt - a.trainedAt || (a.version < b.version ? 1 : -1)
  return (await listModels(directory)).sort(newestFirst)[0]
}

/** The model of a manifest. MODEL_UNFIT when the file is not what it says. */
export async function readModel(directory: string, manifest: Manifest): Promise<Uint8Array> {
  const name = fileOf(manifest)
  const bytes = await readFile(join(directory, name)).catch((error: unknown) => {
    throw pinwheelError('MODEL_UNFIT', { name, reason: 'its file cannot be read' }, error)
  })
  if (sha256(bytes) !== manifest.sha256) {
    throw pinwheelError('MODEL_UNFIT', { name, reason: 'its SHA-256 is not the manifest’s' })
  }
  return bytes
}

/** Manifests of all models, in no order; none when there is no such directory. */
export async function listModels(directory: string): Promise<Manifest[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const manifests = names.filter((name) => name.endsWith('.json'))
  return Promise.all(manifests.map((name) => readManifest(directory, name)))
}

async function readManifest(directory: string, name: string): Promise<Manifest> {
  const unfit = (reason: string, cause?: unknown) =>
    pinwheelError('MODEL_UNFIT', { name, reason }, cause)
  let value: Partial<Manifest> | null
  try {
    value = JSON.parse(await readFile(join(directory, name), 'utf8')) as Partial<Manifest> | null
  } catch (error) {
    throw unfit('its manifest is not JSON', error)
  }
  // The version becomes a path: it must be the one that this very file is named after.
  if (`${value?.version}.json` !== name) throw unfit('its manifest names another version')
  if (typeof value?.trainedAt !== 'number' || typeof value.sha256 !== 'string') {
    throw unfit('its manifest lacks trainedAt or sha256')
  }
  return value as Manifest
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, bytes, { flush: true })
  await rename(`${path}.new`, path)
}
