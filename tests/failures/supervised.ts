/**
 * A program that is started again when it ends, on the same ports, as a supervisor does: what a
 * fault takes away comes back, and who depends on it finds it where it was.
 */
import { systemClock } from '../../base/index.ts'
import { killed, type Program } from '../setup/program.ts'

/** Between an end, or a start that failed, and the next start. */
const RESTART_MS = 300
/** One that is told to end is killed after so long. */
const PATIENCE_MS = 20_000

export class Supervised {
  readonly name: string
  readonly #begin: () => Program | Promise<Program>
  #program: Program | undefined
  #isHeld = false
  #isOver = false
  #loop: Promise<void>
  #letGo = () => {}
  /** How often it was started. */
  starts = 0
  readonly #up = Promise.withResolvers<void>()

  constructor(name: string, begin: () => Program | Promise<Program>) {
    this.name = name
    this.#begin = begin
    this.#loop = this.#run()
  }

  /** Resolves when it answers for the first time. */
  get up(): Promise<void> {
    return this.#up.promise
  }

  /** Of its process, while there is one. */
  get pid(): number | undefined {
    return this.#program?.child.pid
  }

  /** SIGKILL; it is started again when it is let go. */
  kill(): void {
    this.#isHeld = true
    this.#program?.child.kill('SIGKILL')
  }

  letGo(): void {
    this.#isHeld = false
    this.#letGo()
  }

  pause(): void {
    this.#program?.child.kill('SIGSTOP')
  }

  goOn(): void {
    this.#program?.child.kill('SIGCONT')
  }

  /** Ends it in good order, and resolves when the next one has begun. */
  async replace(): Promise<void> {
    const { starts } = this
    this.#program?.child.kill('SIGTERM')
    const late = systemClock.monotonic() + PATIENCE_MS
    while (this.starts === starts) {
      if (systemClock.monotonic() > late) this.#program?.child.kill('SIGKILL')
      await systemClock.sleep(50)
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true
    this.letGo()
    this.goOn()
    await killed(this.#program)
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      this.starts++
      try {
        this.#program = await this.#begin()
        this.#up.resolve()
        // It may have been taken away, or be wanted no more, before it answered.
        if (this.#isHeld || this.#isOver) await killed(this.#program)
        await this.#program.ended
      } catch {
        // What it found in its way may be gone the next time.
      }
      this.#program = undefined
      if (this.#isHeld) await new Promise<void>((letGo) => (this.#letGo = letGo))
      if (!this.#isOver) await systemClock.sleep(RESTART_MS)
    }
  }
}
