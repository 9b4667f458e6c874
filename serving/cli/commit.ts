/** Which program this is, for whoever wants to see again what it saw. */
import { execFileSync } from 'node:child_process'
import packageJson from '../../package.json' with { type: 'json' }

/** Of the working copy; the package's version where there is none. */
export function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return packageJson.version
  }
}
