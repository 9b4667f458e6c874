/** What to do instead, where a command needs a directory that a server has. */
import { errorCode } from '../../base/index.ts'

/** Runs `work`; when a process has the directory, says what to do `instead` and fails as it did. */
export async function whileItRuns<T>(instead: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (errorCode(error) === 'DIRECTORY_LOCKED') {
      process.stderr.write(`While the server runs, ${instead}\n`)
    }
    throw error
  }
}
