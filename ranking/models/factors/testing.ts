/** A fit on the caller's own thread, by whichever kernel, for tests and benches. */
import { type Clock, systemClock } from '../../../base/index.ts'
import type { Rows } from '../../algebra/index.ts'
import type { FitKernel } from './fit-kernel.ts'
import { type FitPlan, fitEpochs } from './fit-loop.ts'
import { type FitMemory, type FitShape, fitMemory } from './fit-memory.ts'
import { writePairs } from './softmax-factors.ts'

export type LocalFit = {
  readonly rows: Rows
  readonly kernel: (memory: FitMemory, thread: number) => FitKernel
  readonly shape: Omit<FitShape, 'users' | 'pairs' | 'threads'>
  readonly plan: Omit<FitPlan, 'pairs'>
}

/** Returns the memory as the fit leaves it, and the loss of each epoch. */
export async function fitHere(
  { rows, kernel, shape, plan }: LocalFit,
  clock: Clock = systemClock,
): Promise<{ readonly memory: FitMemory; readonly losses: number[]; readonly pairs: number }> {
  const users = rows.offsets.length - 1
  const memory = fitMemory({ ...shape, users, pairs: rows.items.length, threads: 1 })
  const pairs = await writePairs(rows, memory, clock)
  const part = { thread: 0, plan: { ...plan, pairs } }
  return { memory, losses: [...fitEpochs(memory, kernel(memory, 0), part)], pairs }
}
