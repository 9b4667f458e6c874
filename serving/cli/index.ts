import { addBackup } from './backup.ts'
import { addCluster } from './cluster.ts'
import type { AddCommand } from './command.ts'
import { addDoctor } from './doctor.ts'
import { addErase } from './erase.ts'
import { addEvaluate } from './evaluate.ts'
import { addExport } from './export.ts'
import { addGraph } from './graph.ts'
import { addHost } from './host.ts'
import { addImport } from './import.ts'
import { addInspect } from './inspect.ts'
import { addJobs } from './jobs.ts'
import { addLog } from './log.ts'
import { addReshard } from './reshard.ts'
import { addRestore } from './restore.ts'
import { addServe } from './serve.ts'
import { addSimulate } from './simulate.ts'
import { addTrain } from './train.ts'

export type { CommandContext } from './command.ts'
export const commands: readonly AddCommand[] = [
  addServe,
  addHost,
  addCluster,
  addImport,
  addExport,
  addBackup,
  addRestore,
  addReshard,
  addErase,
  addInspect,
  addLog,
  addDoctor,
  addEvaluate,
  addTrain,
  addJobs,
  addGraph,
  addSimulate,
]
