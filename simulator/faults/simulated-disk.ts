/**
 * A disk in memory that does what disks do when the power fails: of what was written and not
 * flushed, any sectors may be there and any not, in any order (torn and reordered writes); a new
 * name or a renamed file may be there or not until its folder is flushed. It can also fill up, fail
 * to flush, or lie.
 *
 * `Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014`, lists what real ones do.
 */
import type { Disk, DiskFile } from '../../actors/index.ts'
import type { Random } from '../../base/index.ts'

const SECTOR_BYTES = 512

type Write = { readonly at: number; readonly bytes: Uint8Array }
export type Content = {
  /** As a reader finds it now. */
  bytes: Uint8Array
  /** As it is on the platter for sure. */
  flushed: Uint8Array
  /** Since then, in order: the next flush writes them. */
  readonly writes: Write[]
  /** Whether the platter has all that was written and is not among `writes`. */
  isWhole: boolean
}

export class SimulatedDisk implements Disk {
  readonly files = new Map<string, Content>()
  readonly directories = new Set<string>()
  /** Files that were taken away, as they were last: for whoever judges what happened. */
  readonly removed = new Map<string, Uint8Array>()
  /** Names that changed since their folder was flushed, with what they named before. */
  readonly #names = new Map<string, Content | undefined>()
  /** Bytes that may still be written. */
  room = Number.POSITIVE_INFINITY
  #failing: { left: number; readonly random: Random } | undefined
  /** How many times longer everything takes. */
  slowness = 1
  /** Planted bugs: flushes, or flushes of folders, that do nothing. */
  lies = false
  liesAboutFolders = false
  flushes = 0
  failedFlushes = 0
  /** Called between any two things that happen to the disk. */
  onStep: () => void = () => {}

  async makeDirectory(path: string): Promise<void> {
    this.directories.add(path)
  }

  async list(path: string): Promise<string[]> {
    const inside = [...this.files.keys(), ...this.directories].filter((p) =>
      p.startsWith(`${path}/`),
    )
    return [...new Set(inside.map((p) => p.slice(path.length + 1).split('/')[0]!))].sort()
  }

  async size(path: string): Promise<number> {
    return this.#get(path).bytes.length
  }

  async readAll(path: string): Promise<Uint8Array> {
    return this.#get(path).bytes.slice()
  }

  /** Puts a file there as it is, flushed: what a test finds lying about. */
  put(path: string, bytes: Uint8Array): void {
    this.files.set(path, {
      bytes: bytes.slice(),
      flushed: bytes.slice(),
      writes: [],
      isWhole: true,
    })
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.onStep()
    this.#rename(path)
    this.put(path, bytes)
    this.onStep()
    await this.flushDirectory(path.slice(0, path.lastIndexOf('/')))
  }

  async remove(path: string): Promise<void> {
    for (const name of [...this.files.keys()]) {
      if (name !== path && !name.startsWith(`${path}/`)) continue
      this.#rename(name)
      this.removed.set(name, this.files.get(name)!.bytes)
      this.files.delete(name)
    }
    for (const name of [...this.directories]) {
      if (name === path || name.startsWith(`${path}/`)) this.directories.delete(name)
    }
    this.onStep()
  }

  async flushDirectory(path: string): Promise<void> {
    if (this.liesAboutFolders) return
    for (const name of this.#names.keys()) {
      if (name.slice(0, name.lastIndexOf('/')) === path) this.#names.delete(name)
    }
    this.onStep()
  }

  async open(path: string, mode: 'create' | 'append' | 'read'): Promise<DiskFile> {
    if (mode === 'create') {
      this.#rename(path)
      this.put(path, new Uint8Array(0))
      this.onStep()
    }
    const content = this.#get(path)
    return {
      write: async (bytes, at) => {
        // Only what makes the file longer takes room.
        const { length } = content.bytes
        const fit = bytes.slice(0, Math.min(bytes.length, length - at + this.room))
        this.#change(content, { at, bytes: fit })
        this.room -= Math.max(0, at + fit.length - length)
        this.onStep()
        if (fit.length < bytes.length) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      },
      read: async (into, at) => {
        const found = content.bytes.subarray(at, at + into.length)
        into.set(found)
        return found.length
      },
      flush: async () => {
        this.flushes++
        this.#maybeFail(content)
        if (this.lies) return
        this.#flush(content)
        this.onStep()
      },
      truncate: async (bytes) => {
        this.room += content.bytes.length - bytes
        content.bytes = content.bytes.slice(0, bytes)
        // Until the next flush the power may bring back what was cut off.
        this.onStep()
      },
      close: async () => {},
    }
  }

  /** What a reader may find after the power failed now: one of very many. */
  afterPowerLoss(random: Random): SimulatedDisk {
    const after = this.#successor()
    for (const [path, content] of this.files) {
      const isUnsure = this.#names.has(path)
      const named = isUnsure && random.below(2) === 0 ? this.#names.get(path) : content
      if (named) after.put(path, survivors(named, random))
    }
    // What was taken away comes back unless its folder was flushed.
    for (const [path, content] of this.#names) {
      if (!content || this.files.has(path) || random.below(2) === 0) continue
      after.put(path, survivors(content, random))
    }
    return after
  }

  /** What the next process finds after this one was killed now: everything, flushed or not. */
  afterKill(): SimulatedDisk {
    const after = this.#successor()
    after.lies = this.lies
    after.liesAboutFolders = this.liesAboutFolders
    for (const [path, content] of this.files) {
      after.files.set(path, { ...content, writes: [...content.writes] })
    }
    for (const [path, content] of this.#names) after.#names.set(path, content)
    return after
  }

  /**
   * The next flushes fail. What such a flush was to write is on the platter or not, any part of it,
   * and no later flush writes it: as on Linux, only what is written anew is dirty again.
   */
  failFlushes(count: number, random: Random): void {
    this.#failing = { left: count, random }
  }

  /** The writes since the last flush are on the platter; what is there was never changed. */
  #flush(content: Content): void {
    if (content.isWhole) content.flushed = content.bytes
    else {
      for (const { at, bytes } of content.writes) {
        content.flushed = overwritten(content.flushed, bytes, at)
      }
      content.flushed = content.flushed.slice(0, content.bytes.length)
    }
    content.writes.length = 0
  }

  #successor(): SimulatedDisk {
    const after = new SimulatedDisk()
    for (const path of this.directories) after.directories.add(path)
    for (const [path, bytes] of this.removed) after.removed.set(path, bytes)
    return after
  }

  #maybeFail(content: Content): void {
    if (!this.#failing || this.#failing.left === 0) return
    this.#failing.left--
    this.failedFlushes++
    content.flushed = survivors(content, this.#failing.random)
    content.isWhole = false
    content.writes.length = 0
    throw Object.assign(new Error('io'), { code: 'EIO' })
  }

  #change(content: Content, write: Write): void {
    content.bytes = overwritten(content.bytes, write.bytes, write.at)
    content.writes.push(write)
  }

  #rename(path: string): void {
    if (!this.#names.has(path)) this.#names.set(path, this.files.get(path))
  }

  #get(path: string): Content {
    const content = this.files.get(path)
    if (!content) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return content
  }
}

/** What was flushed, and of every later write any of its sectors, in any order. */
function survivors({ flushed, writes }: Content, random: Random): Uint8Array {
  const sectors = writes.flatMap(({ at, bytes }) => {
    const parts: Write[] = []
    for (let from = 0; from < bytes.length; ) {
      const end = Math.min(bytes.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES))
      parts.push({ at: at + from, bytes: bytes.subarray(from, end) })
      from = end
    }
    return parts
  })
  random.shuffle(sectors)
  // All, none, or some of them.
  const share = random.below(4)
  let bytes: Uint8Array = flushed.slice()
  for (const sector of sectors) {
    if (share < 3 && random.below(3) >= share) continue
    bytes = overwritten(bytes, sector.bytes, sector.at)
  }
  return bytes
}

function overwritten(old: Uint8Array, bytes: Uint8Array, at: number): Uint8Array {
  const next = new Uint8Array(Math.max(old.length, at + bytes.length))
  next.set(old)
  next.set(bytes, at)
  return next
}
