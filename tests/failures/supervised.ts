/**
 * A program that is started again when it ends, on the same ports, as a supervisor does: what a
 * fault takes away comes back, and who depends on it finds it where it was.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../base/index.ts'

/** Between an end and the next start. */
const RESTART_MS = 300

export type SupervisedOptions = {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly folder: string
  readonly cwd?: string
  /** Another user's. */
  readonly uid?: number
  readonly gid?: number
}

export class Supervised {
  readonly #options: SupervisedOptions
  readonly log: string
  #child: ChildProcess | undefined
  #isHeld = false
  #isOver = false
  /** How often it was started. */
  starts = 0

  constructor(options: SupervisedOptions) {
    this.#options = options
    this.log = join(options.folder, `${options.name}.log`)
    this.#start()
  }

  get name(): string {
    return this.#options.name
  }

  /** SIGKILL; it is started again when it is let go. */
  kill(): void {
    this.#isHeld = true
    this.#child?.kill('SIGKILL')
  }

  letGo(): void {
    this.#isHeld = false
    if (!this.#child) this.#start()
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Ends it in good order, and resolves when the next one has begun. */
  async replace(): Promise<void> {
    const { starts } = this
    this.#child?.kill('SIGTERM')
    const late = systemClock.monotonic() + 20_000
    while (this.starts === starts) {
      if (systemClock.monotonic() > late) this.#child?.kill('SIGKILL')
      await systemClock.sleep(50)
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true
    const child = this.#child
    if (!child) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await ended
  }

  #start(): void {
    const { program, args, env, folder, cwd = folder, uid, gid } = this.#options
    const output = openSync(this.log, 'a')
    const child = spawn(program, args, {
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
      cwd,
      stdio: ['ignore', output, output],
      env: { ...process.env, DAPR_HOST_IP: '127.0.0.1', ...env },
    })
    this.starts++
    this.#child = child
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => {
      process.removeListener('exit', kill)
      this.#child = undefined
      void systemClock.sleep(RESTART_MS).then(() => {
        if (!this.#isOver && !this.#isHeld && !this.#child) this.#start()
      })
    })
  }
}
