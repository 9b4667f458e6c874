/**
 * A real server on a data directory with everything around it that can fail: its process, the wire
 * to it, its disk, its clock. Its address stays the same from life to life.
 */
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CuttingProxy } from './cutting-proxy.ts'
import type { Levers } from './levers.ts'
import { type RunningServer, startProgram, stopProgram } from './server-process.ts'

export type VictimOptions = {
  readonly program: string
  /** The data lie below it. */
  readonly directory: string
  /** Modules that the server loads first: planted bugs. */
  readonly imports?: readonly string[]
}

const AT_REST: Levers = { flushMs: 0, clockMs: 0 }

export class VictimServer {
  readonly #options: VictimOptions
  readonly #proxy: CuttingProxy
  readonly #levers: string
  #running: RunningServer | undefined
  #isClosed = false
  /** Lives that ended by themselves. */
  readonly surprises: string[] = []

  private constructor(options: VictimOptions, proxy: CuttingProxy) {
    this.#options = options
    this.#proxy = proxy
    this.#levers = join(options.directory, 'levers.json')
  }

  static async open(options: VictimOptions): Promise<VictimServer> {
    await mkdir(options.directory, { recursive: true })
    const victim = new VictimServer(options, await CuttingProxy.listen())
    victim.pull(AT_REST)
    try {
      await victim.start()
      return victim
    } catch (error) {
      await victim.close()
      throw error
    }
  }

  get address(): string {
    return this.#proxy.address
  }
  get directory(): string {
    return this.#options.directory
  }

  async start(): Promise<void> {
    const { program, directory, imports = [] } = this.#options
    const levers = new URL(`./levers.ts?file=${encodeURIComponent(this.#levers)}`, import.meta.url)
    const before = [levers.href, ...imports].flatMap((href) => ['--import', href])
    const words = ['--data', join(directory, 'data')]
    const running = await startProgram({ program, words, before })
    if (this.#isClosed) {
      running.child.kill('SIGKILL')
      return
    }
    this.#running = running
    this.#proxy.port = Number(new URL(running.address).port)
    void once(running.child, 'exit').then(([code, signal]) => {
      // Of one that we ended ourselves, somebody else is here, or nobody.
      if (this.#running !== running) return
      const said = running.said.join(' · ')
      this.surprises.push(`the server ended by itself (${code ?? signal}): ${said}`)
      this.#leave()
    })
  }

  /** As a crash: whatever it was doing. */
  async kill(): Promise<void> {
    const child = this.#leave()?.child
    if (!child) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** In good order; resolves to the exit code. */
  async stop(): Promise<number | null> {
    const running = this.#leave()
    return running ? stopProgram(running) : null
  }

  pause(): void {
    this.#running?.child.kill('SIGSTOP')
  }
  resume(): void {
    this.#running?.child.kill('SIGCONT')
  }

  /** Resets every connection. */
  cut(): void {
    this.#proxy.cut()
  }

  /** What the server sees of its disk and of the clock; seen within `LEVERS_POLL_MS`. */
  pull(levers: Partial<Levers>): void {
    // Renamed: the server may look at any time.
    writeFileSync(`${this.#levers}.new`, JSON.stringify({ ...AT_REST, ...levers }))
    renameSync(`${this.#levers}.new`, this.#levers)
  }

  get isUp(): boolean {
    return this.#running !== undefined
  }

  /** Whatever is under way: a life that begins just now ends at once. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.kill()
    await this.#proxy.close()
  }

  #leave(): RunningServer | undefined {
    const running = this.#running
    this.#running = undefined
    this.#proxy.port = undefined
    return running
  }
}
