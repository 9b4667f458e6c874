/** The graph a command is asked about: of a data directory, or of a data set's training part. */
import { edgesFromLog, lockDirectory, openFileLog } from '../../actors/index.ts'
import { pinwheelError } from '../../base/index.ts'
import type { NamedEdges } from '../../graph/index.ts'
import { checkFormat, edgesOf, loadDataset } from '../../ranking/index.ts'

export type GraphPlace = {
  /** A data directory that no server has open. */
  readonly data?: string
  /** A folder of a data set; its rows are read as boards. */
  readonly dataset?: string
  readonly format?: string
}

/** CONFIG_INVALID unless one place is named; DIRECTORY_LOCKED while a server has it. */
export async function openGraph(place: GraphPlace): Promise<NamedEdges> {
  const { data, dataset, format } = place
  if ((data === undefined) === (dataset === undefined)) {
    const problems = 'graph needs --data DIR, or --dataset PATH with --format F.'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  return data !== undefined ? ofDirectory(data) : ofDataset(dataset!, format ?? 'lightgcn')
}

async function ofDirectory(directory: string): Promise<NamedEdges> {
  const unlock = await lockDirectory(directory)
  try {
    const log = await openFileLog({ directory, partitions: 1 })
    try {
      return await edgesFromLog(log, directory)
    } finally {
      await log.close()
    }
  } finally {
    unlock()
  }
}

async function ofDataset(path: string, format: string): Promise<NamedEdges> {
  const { train, items, names } = await loadDataset(path, checkFormat(format))
  return { edges: edgesOf(train, items), pins: names.items, boards: names.users }
}
