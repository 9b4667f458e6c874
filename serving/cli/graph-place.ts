/** What the commands under `pinwheel graph` share: where the graph is, a pin by its id, a file. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { pinwheelError } from '../../base/index.ts'
import type { IdReader, NamedEdges, PinBoardGraph } from '../../graph/index.ts'
import { formatNames } from '../../ranking/index.ts'
import type { GraphPlace } from '../jobs/open-graph.ts'

export type PlaceFlags = GraphPlace & { readonly json?: true }

/** A command that is told which graph to look at. */
export function placedCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .exitOverride()
    .description(description)
    .option('--data <DIR>', 'data directory that no server has open')
    .option('--dataset <DIR>', 'directory of a data set; its training rows are read as boards')
    .option('--format <F>', `of the data set: ${formatNames.slice(0, 2).join(', ')}`, 'lightgcn')
    .option('--json', 'print one JSON document')
}

/** The number of a pin that has edges; PIN_UNKNOWN. */
export function pinNumber({ pins }: NamedEdges, graph: PinBoardGraph, id: string): number {
  for (let pin = 0; pin < pins.size; pin++) {
    if (pins.id(pin) === id && graph.degreeOfPin(pin) > 0) return pin
  }
  throw pinwheelError('PIN_UNKNOWN', { id })
}

/** Ids of a few numbers. */
export function idsOf(reader: IdReader, numbers: readonly number[]): string[] {
  return numbers.map((number) => reader.id(number))
}

export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw unwritable(path, error)
  }
}

export function unwritable(path: string, error: unknown): Error {
  const reason = (error as { code?: string }).code ?? 'unknown'
  return pinwheelError('FILE_UNWRITABLE', { path, reason }, error)
}
