/** What the commands that speak to Neo4j have in common: flags, connection, its end. */
import type { Command } from 'commander'
import { systemClock } from '../../base/index.ts'
import { Neo4jConnection } from '../../graph/neo4j/index.ts'
import type { CommandContext } from './command.ts'

export type Neo4jFlags = {
  readonly neo4jUrl?: string
  readonly neo4jUser?: string
  readonly neo4jDatabase?: string
}

/** The password has no flag: lists of processes show flags. */
export function neo4jOptions(command: Command): Command {
  return command
    .option('--neo4j-url <URL>', 'address, bolt://127.0.0.1:7687 by default')
    .option('--neo4j-user <NAME>', 'user; the password is PINWHEEL_NEO4J_PASSWORD')
    .option('--neo4j-database <NAME>', 'database')
}

/** Runs `work` on a verified connection. NEO4J_UNREACHABLE, NEO4J_REFUSED. */
export async function withNeo4j<T>(
  context: CommandContext,
  { neo4jUrl, neo4jUser, neo4jDatabase }: Neo4jFlags,
  work: (connection: Neo4jConnection) => Promise<T>,
): Promise<T> {
  const config = context.config({ neo4jUrl, neo4jUser, neo4jDatabase })
  const connection = await Neo4jConnection.open({
    url: config.neo4jUrl,
    user: config.neo4jUser,
    database: config.neo4jDatabase,
    ...(config.neo4jPassword !== undefined && { password: config.neo4jPassword }),
    clock: systemClock,
  })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}
