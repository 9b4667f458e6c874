/** `pinwheel simulate`: what the simulator runs. */
import type { AddCommand } from './command.ts'
import { addChaos } from './simulate-chaos.ts'
import { addCluster } from './simulate-cluster.ts'
import { addFalsify } from './simulate-falsify.ts'
import { addLadder } from './simulate-ladder.ts'
import { addLive } from './simulate-live.ts'
import { addPast } from './simulate-past.ts'
import { addReplay } from './simulate-replay.ts'
import { addWorld } from './simulate-world.ts'

export const addSimulate: AddCommand = (program, context) => {
  const simulate = program.command('simulate').description('Run the simulator.').exitOverride()
  addReplay(simulate, context)
  addChaos(simulate, context)
  addCluster(simulate, context)
  addWorld(simulate, context)
  addPast(simulate, context)
  addLadder(simulate)
  addFalsify(simulate, context)
  addLive(simulate, context)
}
