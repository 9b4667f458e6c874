/**
 * `pinwheel evaluate --served`: a running server against `evaluate` by the same fitted model, which
 * is read from the data directory that the server has.
 */
import { availableParallelism } from 'node:os'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  compareServed,
  type Dataset,
  fittedFolder,
  fittedMemory,
  latestFitted,
  modelOnData,
  openDataset,
  readFitted,
  type ServedList,
  type ServedLists,
} from '../../ranking/index.ts'
import type { Progress } from './progress.ts'

export type ServedFlags = {
  readonly served: string
  /** The data directory of the server. */
  readonly data: string
  readonly dataset: string
  readonly format: string
  readonly users: number
  readonly at: number
  readonly seed: number
}

/** EVALUATION_DATA where there is no model, or the server answers by another one or not at all. */
export async function evaluateServed(flags: ServedFlags, progress: Progress): Promise<ServedLists> {
  const { served, data: directory, dataset, format, users, at, seed } = flags
  const folder = fittedFolder(directory)
  const manifest = await latestFitted(folder)
  if (!manifest) throw failed(`${folder} has no fitted model; run \`pinwheel train\``)
  const data = await openDataset({ dataset, format, seed })
  const bytes = await readFitted(folder, manifest)
  const memory = fittedMemory({ bytes, version: manifest.version }, itemsOf(data))
  const expected = modelOnData(memory, data, availableParallelism())
  return compareServed(expected, data, (user) => ask(served, user, at), {
    users,
    at,
    seed,
    clock: systemClock,
    onProgress: (done, total) => progress.update(done, total),
  })
}

function itemsOf(data: Dataset): { readonly find: (id: string) => number } {
  const index = new Map<string, number>()
  for (let item = 0; item < data.items; item++) index.set(data.names.items.id(item), item)
  return { find: (id) => index.get(id) ?? -1 }
}

/** The best by score alone: rules of slates are off. */
async function ask(server: string, user: string, limit: number): Promise<ServedList> {
  const path = `/v1/users/${encodeURIComponent(user)}/recommendations`
  const query = `generation=collaborative&limit=${limit}&off=slate&seed=1`
  let reply: Response
  try {
    reply = await fetch(new URL(`${path}?${query}`, server))
  } catch (error) {
    throw failed(`no server answers at ${server}`, error)
  }
  const body = (await reply.json()) as {
    readonly model?: string
    readonly items?: readonly { readonly pin: string }[]
  }
  if (!reply.ok || !body.items) throw failed(`the server answers ${reply.status} for ${user}`)
  const pins = body.items.map(({ pin }) => pin)
  return { pins, ...(body.model !== undefined && { model: body.model }) }
}

function failed(reason: string, cause?: unknown) {
  return pinwheelError('EVALUATION_DATA', { reason }, cause)
}
