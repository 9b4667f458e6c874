/** What a doctor sees beside the log: entries that were not applied, and trained models. */
import { join } from 'node:path'
import { errorCode } from '../../base/index.ts'
import { listModels, readModel } from '../../ranking/index.ts'
import { DeadLetters } from '../hosts/embedded/dead-letters.ts'
import { type Finding, number, type Patient } from './doctor.ts'
import { readErasures } from './erasures.ts'

/** Users who are to be forgotten, and are not yet. DIRECTORY_INVALID. */
export async function checkErasures({ disk, directory }: Patient): Promise<Finding[]> {
  const check = 'erasures'
  const list = await readErasures(disk, directory)
  const left = list.filter(({ isDone }) => !isDone).length
  if (left === 0) return [{ check, verdict: 'ok', says: `${number(list.length)}, all done` }]
  const says = `${number(left)} of ${number(list.length)} were interrupted`
  return [{ check, verdict: 'problem', says, next: 'Start the server: it finishes them first.' }]
}

/** DIRECTORY_INVALID. */
export async function checkUnapplied({ disk, directory }: Patient): Promise<Finding[]> {
  const check = 'dead letters'
  const letters = await DeadLetters.open(disk, directory, () => {})
  const { all, fatal } = letters
  if (all.length === 0) return [{ check, verdict: 'ok', says: 'every entry was applied' }]
  const { type, id, reason } = all.at(-1)!
  const says =
    `${number(all.length)} entries could not be applied, ${number(fatal.length)} of them ended ` +
    `their thread and are left out since; the last is of ${type} "${id}": ${reason}`
  const next = 'Look at dead-letters.json; the entries themselves stay in the log.'
  return [{ check, verdict: 'warning', says, next }]
}

export async function checkModels({ directory }: Patient): Promise<Finding[]> {
  const check = 'models'
  const folder = join(directory, 'models')
  try {
    const manifests = await listModels(folder)
    for (const manifest of manifests) await readModel(folder, manifest)
    const count = manifests.length
    const says = count > 0 ? `${number(count)}, as their manifests say` : 'none is kept'
    return [{ check, verdict: 'ok', says }]
  } catch (error) {
    if (errorCode(error) !== 'MODEL_UNFIT') throw error
    const next = `Remove it from ${folder}; a server trains a new one at its start.`
    return [{ check, verdict: 'warning', says: (error as Error).message, next }]
  }
}
