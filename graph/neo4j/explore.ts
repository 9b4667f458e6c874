/**
 * Three questions for an explorer. Each has a bound on what it looks at and on time, so that a pin
 * on a million boards cannot hold the server.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Neo4jConnection, Neo4jTransaction } from './connection.ts'

export const exploreLimits = Object.freeze({
  /** Boards shown, pins shown of each, pins in a list. */
  shownMax: 100,
  /** Boards of a pin whose other pins are counted. */
  boardsCountedMax: 1_000,
  /** Edges of a path; pins and boards take turns, so half as many boards. */
  pathEdgesMax: 12,
  queryMs: 10_000,
})

export const exploreDefaults = Object.freeze({ boards: 10, pins: 20, pathEdges: 8 })

export type BoardOfPin = { readonly board: string; readonly others: readonly string[] }
export type Companion = { readonly pin: string; readonly boards: number }
/** Pin, board, pin, … pin. */
export type PinPath = readonly string[]

/** Boards with the pin, each with other pins on it, both in order of ids. PIN_UNKNOWN. */
export function boardsOfPin(
  connection: Neo4jConnection,
  pin: string,
  show: { readonly boards: number; readonly pins: number },
): Promise<readonly BoardOfPin[]> {
  checkBound('boards', show.boards, exploreLimits.shownMax)
  checkBound('pins', show.pins, exploreLimits.shownMax)
  return ask(connection, [pin], async (transaction) => {
    const rows = await transaction.run(
      `MATCH (:Pin {id: $pin})<-[:HOLDS]-(board:Board)
       WITH board ORDER BY board.id LIMIT $boards
       RETURN board.id AS board, COLLECT {
         MATCH (board)-[:HOLDS]->(other:Pin) WHERE other.id <> $pin
         RETURN other.id ORDER BY other.id LIMIT $pins
       } AS others`,
      { pin, ...show },
    )
    return rows as readonly BoardOfPin[]
  })
}

/**
 * Pins that share most boards with a pin, among its first 1,000 boards, ties by id. PIN_UNKNOWN.
 */
export function companionsOfPin(
  connection: Neo4jConnection,
  pin: string,
  show: { readonly pins: number },
): Promise<readonly Companion[]> {
  checkBound('pins', show.pins, exploreLimits.shownMax)
  return ask(connection, [pin], async (transaction) => {
    const rows = await transaction.run(
      `MATCH (pin:Pin {id: $pin})<-[:HOLDS]-(board:Board)
       WITH pin, board ORDER BY board.id LIMIT $counted
       MATCH (board)-[:HOLDS]->(other:Pin) WHERE other <> pin
       WITH other, count(*) AS boards ORDER BY boards DESC, other.id LIMIT $pins
       RETURN other.id AS pin, boards`,
      { pin, counted: exploreLimits.boardsCountedMax, ...show },
    )
    return rows as readonly Companion[]
  })
}

/** A shortest way from pin to pin over boards; undefined when there is none so short. */
export function pathBetweenPins(
  connection: Neo4jConnection,
  ends: { readonly from: string; readonly to: string },
  within: { readonly edges: number },
): Promise<PinPath | undefined> {
  checkBound('edges', within.edges, exploreLimits.pathEdgesMax)
  const { from, to } = ends
  return ask(connection, [from, to], async (transaction) => {
    if (from === to) return [from]
    // The bound of a path cannot be a parameter; it is a checked whole number.
    const [row] = await transaction.run(
      `MATCH (from:Pin {id: $from}), (to:Pin {id: $to})
       MATCH path = shortestPath((from)-[:HOLDS*..${within.edges}]-(to))
       RETURN [node IN nodes(path) | node.id] AS ids`,
      ends,
    )
    return row?.['ids'] as PinPath | undefined
  })
}

function ask<T>(
  connection: Neo4jConnection,
  pins: readonly string[],
  work: (transaction: Neo4jTransaction) => Promise<T>,
): Promise<T> {
  return connection.read(async (transaction) => {
    for (const id of pins) {
      const [found] = await transaction.run('MATCH (pin:Pin {id: $id}) RETURN 1 AS one', { id })
      if (!found) throw pinwheelError('PIN_UNKNOWN', { id })
    }
    return work(transaction)
  }, exploreLimits.queryMs)
}

function checkBound(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return
  const problems = `${name} is ${value}; expected a whole number from 1 to ${max}.`
  throw pinwheelError('CONFIG_INVALID', { problems })
}
