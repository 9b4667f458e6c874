/**
 * Reads one HTTP/1.1 reply out of the bytes of a connection, as they come (RFC 9112): a body by its
 * content-length, in chunks, or until the end. It believes nothing: what is not HTTP, is longer
 * than its bounds, or goes on after its end is a `NotHttp`.
 */
export type Reply = {
  readonly status: number
  readonly body: Buffer
  /** Whether the connection may be used again. */
  readonly isKept: boolean
}

/** What came is no reply, or more than one. */
export class NotHttp extends Error {}

const HEAD_BYTES_MAX = 64 * 1024
const BODY_BYTES_MAX = 16 * 1024 * 1024
const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')
const nothing = Buffer.alloc(0)

type Head = {
  readonly status: number
  readonly isKept: boolean
  /** Bytes of the body, or how else its end is known. */
  readonly length: number | 'chunked' | 'close'
}

export class ReplyReader {
  #head: Head | undefined
  /** Bytes of the head, or of a chunk, that are not there whole. */
  #unread: Buffer = nothing
  readonly #parts: Buffer[] = []
  #have = 0

  /** Takes bytes; gives the reply once it is there whole. Throws NotHttp. */
  push(bytes: Buffer): Reply | undefined {
    if (this.#head) return this.#takeBody(this.#head, bytes)
    const all = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    const end = all.indexOf(HEAD_END)
    if (end < 0) {
      if (all.length > HEAD_BYTES_MAX) throw new NotHttp('an endless head')
      if (!'HTTP/1.'.startsWith(all.toString('latin1', 0, 7))) throw new NotHttp('no status line')
      this.#unread = all
      return undefined
    }
    const head = readHead(all.toString('latin1', 0, end))
    const rest = all.subarray(end + HEAD_END.length)
    this.#unread = nothing
    // 100 and its like come before the reply itself.
    if (head.status < 200) return rest.length > 0 ? this.push(rest) : undefined
    this.#head = head
    return this.#takeBody(head, rest)
  }

  /** The connection ended: the reply where only that could tell its end. */
  end(): Reply | undefined {
    return this.#head?.length === 'close' ? this.#whole(this.#head) : undefined
  }

  #takeBody(head: Head, bytes: Buffer): Reply | undefined {
    if (head.length === 'chunked') return this.#takeChunks(head, bytes)
    this.#keep(bytes)
    if (head.length === 'close' || this.#have < head.length) return undefined
    if (this.#have > head.length) throw new NotHttp('more bytes than the body has')
    return this.#whole(head)
  }

  #takeChunks(head: Head, bytes: Buffer): Reply | undefined {
    const all = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    let at = 0
    for (;;) {
      const end = all.indexOf(LINE_END, at)
      if (end < 0) break
      const size = /^([0-9a-f]{1,7})[ \t]*(;.*)?$/i.exec(all.toString('latin1', at, end))?.[1]
      if (size === undefined) throw new NotHttp('a chunk without its size')
      const from = end + LINE_END.length
      const to = from + Number.parseInt(size, 16)
      if (to === from) {
        // Trailers, if any, end with an empty line as a head does.
        if (all.indexOf(HEAD_END, end) < 0) break
        return this.#whole(head)
      }
      if (all.length < to + LINE_END.length) break
      this.#keep(all.subarray(from, to))
      at = to + LINE_END.length
    }
    this.#unread = all.subarray(at)
    if (this.#unread.length > BODY_BYTES_MAX) throw new NotHttp('an endless chunk')
    return undefined
  }

  #keep(bytes: Buffer): void {
    if (bytes.length > 0) this.#parts.push(bytes)
    this.#have += bytes.length
    if (this.#have > BODY_BYTES_MAX) throw new NotHttp('an endless body')
  }

  #whole({ status, isKept }: Head): Reply {
    const body = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    return { status, body, isKept }
  }
}

function readHead(text: string): Head {
  const line = /^HTTP\/1\.([01]) (\d{3})(?: |\r|$)/.exec(text)
  if (!line) throw new NotHttp('no status line')
  const status = Number(line[2])
  const isClosed = field(text, 'connection')?.toLowerCase().includes('close') ?? false
  const head = { status, isKept: line[1] === '1' && !isClosed }
  if (status === 204 || status === 304 || status < 200) return { ...head, length: 0 }
  if (field(text, 'transfer-encoding')?.toLowerCase().endsWith('chunked')) {
    return { ...head, length: 'chunked' }
  }
  const length = field(text, 'content-length')
  if (length === undefined) return { ...head, isKept: false, length: 'close' }
  if (!/^\d{1,9}$/.test(length)) throw new NotHttp('a content-length that is no number')
  return { ...head, length: Number(length) }
}

function field(head: string, name: string): string | undefined {
  return patterns[name as keyof typeof patterns].exec(head)?.[1]?.trim()
}
const patterns = {
  connection: /\r\nconnection:([^\r]*)/i,
  'content-length': /\r\ncontent-length:([^\r]*)/i,
  'transfer-encoding': /\r\ntransfer-encoding:([^\r]*)/i,
} as const
