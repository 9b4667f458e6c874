/** `pinwheel graph …`: everything that looks at the graph alone, one file a command. */
import type { AddCommand } from './command.ts'

const commands: readonly AddCommand[] = []

export const addGraph: AddCommand = (program, context) => {
  const graph = program.command('graph').description('Look at the graph, and move it about.')
  for (const add of commands) add(graph, context)
}
