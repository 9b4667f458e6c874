/** `pinwheel graph explore …`: three questions to the graph in Neo4j. */
import {
  boardsOfPin,
  companionsOfPin,
  exploreDefaults,
  exploreLimits,
  pathBetweenPins,
} from '../../graph/neo4j/index.ts'
import type { AddCommand } from './command.ts'
import { type Neo4jFlags, neo4jOptions, withNeo4j } from './neo4j.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'

type Flags = Neo4jFlags & { json?: true }
type PinFlags = Flags & { boards: number; pins: number }
type PathFlags = Flags & { edges: number }

const { shownMax, pathEdgesMax } = exploreLimits
const pinsShown = `pins shown, at most ${shownMax}`

export const addExplore: AddCommand = (graph, context) => {
  const explore = graph
    .command('explore')
    .exitOverride()
    .description('Ask the graph in Neo4j.')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel graph explore pin 42\n  pinwheel graph explore path 42 1077',
    )
  neo4jOptions(explore.command('pin').exitOverride().argument('<id>', 'a pin'))
    .description('The boards a pin is on, with other pins of each.')
    .option(
      '--boards <N>',
      `boards shown, at most ${shownMax}`,
      wholeNumber,
      exploreDefaults.boards,
    )
    .option('--pins <N>', pinsShown, wholeNumber, exploreDefaults.pins)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  pinwheel graph explore pin 42 --boards 5 --json')
    .action(async (pin: string, { json, ...flags }: PinFlags) => {
      const boards = await withNeo4j(context, flags, (neo4j) => boardsOfPin(neo4j, pin, flags))
      const told = boards.map(({ board, others }) => `${board}: ${others.join(', ')}`)
      printResult({ pin, boards: json ? boards : told }, json === true)
    })
  neo4jOptions(explore.command('together').exitOverride().argument('<id>', 'a pin'))
    .description('The pins that share most boards with a pin.')
    .option('--pins <N>', pinsShown, wholeNumber, exploreDefaults.pins)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  pinwheel graph explore together 42 --pins 10')
    .action(async (pin: string, { json, ...flags }: PinFlags) => {
      const pins = await withNeo4j(context, flags, (neo4j) => companionsOfPin(neo4j, pin, flags))
      const told = pins.map((found) => `${found.pin}: ${found.boards}`)
      printResult({ pin, together: json ? pins : told }, json === true)
    })
  neo4jOptions(
    explore.command('path').exitOverride().argument('<from>', 'a pin').argument('<to>', 'another'),
  )
    .description('A shortest way from pin to pin over boards.')
    .option(
      '--edges <N>',
      `longest, at most ${pathEdgesMax}`,
      wholeNumber,
      exploreDefaults.pathEdges,
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  pinwheel graph explore path 42 1077 --edges 6')
    .action(async (from: string, to: string, { json, ...flags }: PathFlags) => {
      const path = await withNeo4j(context, flags, (neo4j) =>
        pathBetweenPins(neo4j, { from, to }, flags),
      )
      printResult({ from, to, path: path ?? null }, json === true)
    })
}
