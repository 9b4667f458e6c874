/** What folds chose, a file a data set, beside what else the project keeps outside of it. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Choice, ChoiceCache } from '../../ranking/index.ts'

/** In `folder`, or ~/.cache/pinwheel. A file that cannot be read is none. */
export function choiceCache(folder: string | undefined): ChoiceCache {
  const root = join(folder ?? join(homedir(), '.cache', 'pinwheel'), 'choices')
  const file = (key: string) => join(root, `${key}.json`)
  return {
    get: async (key) => {
      try {
        return JSON.parse(await readFile(file(key), 'utf8')) as Choice
      } catch {
        return undefined
      }
    },
    put: async (key, choice) => {
      await mkdir(root, { recursive: true })
      const part = `${file(key)}.new`
      await writeFile(part, `${JSON.stringify(choice, undefined, 2)}\n`)
      await rename(part, file(key))
    },
  }
}
