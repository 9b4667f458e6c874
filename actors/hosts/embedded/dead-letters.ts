/**
 * Entries that could not be applied, in DIR/dead-letters.json: those that a turn threw at, and
 * those that ended the thread which folded them (`isFatal`); the latter are left out by every later
 * thread, and start.
 */
import { readChecked, writeChecked } from '../../log/checked-file.ts'
import type { Disk } from '../../log/index.ts'
import type { DeadLetter } from '../../shard/dead-letter.ts'

const FILE = 'dead-letters.json'
/** Beyond, the oldest that are not fatal go. */
export const DEAD_LETTERS_KEPT = 1000

export class DeadLetters {
  readonly #disk: Disk
  readonly #directory: string
  readonly #onFailure: (error: unknown) => void
  readonly #letters = new Map<string, DeadLetter>()
  #writing: Promise<void> | undefined
  #isDirty = false

  private constructor(disk: Disk, directory: string, onFailure: (error: unknown) => void) {
    this.#disk = disk
    this.#directory = directory
    this.#onFailure = onFailure
  }

  /** DIRECTORY_INVALID when the file is damaged. */
  static async open(
    disk: Disk,
    directory: string,
    onFailure: (error: unknown) => void,
  ): Promise<DeadLetters> {
    const opened = new DeadLetters(disk, directory, onFailure)
    const found = await readChecked(disk, directory, FILE, (fact) => fact as DeadLetter[])
    for (const letter of found ?? []) opened.#letters.set(keyOf(letter), letter)
    return opened
  }

  /** Oldest first. */
  get all(): DeadLetter[] {
    return [...this.#letters.values()]
  }

  /** Those that no thread may fold. */
  get fatal(): DeadLetter[] {
    return this.all.filter(({ isFatal }) => isFatal === true)
  }

  /** Keeps a letter; false for one that is known, as when the log is read again. */
  add(letter: DeadLetter): boolean {
    const key = keyOf(letter)
    if (this.#letters.has(key)) return false
    this.#letters.set(key, letter)
    if (this.#letters.size > DEAD_LETTERS_KEPT) {
      const oldest = this.all.find(({ isFatal }) => isFatal !== true)
      if (oldest) this.#letters.delete(keyOf(oldest))
    }
    this.#isDirty = true
    this.#writing ??= this.#write()
    return true
  }

  /** Resolves when all of them are on the disk. */
  async kept(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false
      try {
        await writeChecked(this.#disk, this.#directory, FILE, this.all)
      } catch (error) {
        this.#onFailure(error)
      }
    }
    this.#writing = undefined
  }
}

function keyOf({ type, partition, position }: DeadLetter): string {
  return `${type} ${partition} ${position}`
}
