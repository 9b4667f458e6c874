/** `--live` of a ladder: what an answer of each arm takes, from files of `simulate live --json`. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pinwheelError } from '../../base/index.ts'
import {
  type ArmName,
  armNames,
  hostPrice,
  type LiveCost,
  type LiveFile,
  liveCosts,
  readCostBook,
} from '../../simulator/index.ts'
import { readText } from './files.ts'

const book = fileURLToPath(new URL('../../simulator/cluster/cost-book.json', import.meta.url))

/** Of ARM=FILE each. CONFIG_INVALID, FILE_UNREADABLE, MEASUREMENT_INVALID. */
export function costsOf(live: readonly string[]): LiveCost[] {
  if (live.length === 0) return []
  const files = live.map((given): LiveFile => {
    const [arm = '', file = ''] = given.split(/=(.*)/s)
    if (!armNames.includes(arm as ArmName) || file === '') {
      const problems = `--live has ${given}; expected ARM=FILE, ARM of ${armNames.join(', ')}`
      throw pinwheelError('CONFIG_INVALID', { problems })
    }
    return { arm: arm as ArmName, file, text: readText(file) }
  })
  const cores = availableParallelism()
  const price = hostPrice(readCostBook(readText(book), book), cores)
  if (price === undefined) {
    const problems = `the book of prices has no host with the ${cores} cores of this machine`
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  return liveCosts(files, price)
}
