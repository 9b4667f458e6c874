/**
 * A shell that waits for the end of this process, killed or not, and then ends what we had started:
 * nobody else would.
 */
import { type ChildProcess, spawn } from 'node:child_process'

/** Reads `+ group` and `- group`; when we are gone the pipe ends. */
const script = `
groups=" "
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;;
  esac
done
end() {
  for group in $groups; do kill "$1" "-$group"; done 2>/dev/null
}
end -TERM
sleep 8
end -KILL
`

const guarded = new Set<number>()
let shell: ChildProcess | undefined

/** The group of a process that leads one. */
export function guard(group: number): void {
  guarded.add(group)
  shell ??= startShell()
  shell.stdin?.write(`+ ${group}\n`)
}

/** It has ended. */
export function release(group: number): void {
  guarded.delete(group)
  shell?.stdin?.write(`- ${group}\n`)
  if (guarded.size > 0) return
  shell?.kill('SIGKILL')
  shell = undefined
}

function startShell(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C is not for it.
    detached: true,
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  // A pipe is a socket.
  ;(child.stdin as typeof child.stdin & { unref(): void }).unref()
  return child
}
