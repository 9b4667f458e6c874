/** Reads documents that a person wrote: every problem is told at once, by the path of its field. */
type Document = Readonly<Record<string, unknown>>

export class Fields {
  readonly problems: string[]
  readonly #document: Document
  readonly #path: string

  private constructor(document: Document, path: string, problems: string[]) {
    this.#document = document
    this.#path = path
    this.problems = problems
  }

  /** Of a whole document; `text` that is no JSON object is one problem. */
  static parse(text: string): Fields {
    try {
      const document: unknown = JSON.parse(text)
      if (isObject(document)) return new Fields(document, '', [])
      return new Fields({}, '', [`It is ${JSON.stringify(document)}; expected an object.`])
    } catch (error) {
      return new Fields({}, '', [`It is not JSON: ${(error as Error).message}.`])
    }
  }

  /** A number of `min` or more, beyond it where `above` says so. */
  number(name: string, { min = 0, above = false } = {}): number {
    const value = this.#document[name]
    const isFit = typeof value === 'number' && (above ? value > min : value >= min)
    if (isFit && Number.isFinite(value)) return value
    return this.#miss(name, value, `a number ${above ? 'above' : 'of at least'} ${min}`, 1)
  }

  text(name: string): string {
    const value = this.#document[name]
    return typeof value === 'string' && value !== ''
      ? value
      : this.#miss(name, value, 'some text', '')
  }

  /** Year, month and day. */
  date(name: string): string {
    const value = this.#document[name]
    const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)
    if (isDate && !Number.isNaN(Date.parse(value))) return value
    return this.#miss(name, value, 'a date like 2026-01-31', '')
  }

  /** At least `least` numbers of 0 or more that do not descend. */
  quantiles(name: string, least = 2): number[] {
    const value = this.#document[name]
    const list = Array.isArray(value) ? (value as unknown[]) : []
    const isFit = list.every((number, i) => {
      return typeof number === 'number' && number >= 0 && (i === 0 || number >= Number(list[i - 1]))
    })
    if (isFit && list.length >= least) return list as number[]
    const what = `${least} or more numbers from 0 up that do not descend`
    return this.#miss(name, value, what, [0, 0])
  }

  object(name: string): Fields {
    const value = this.#document[name]
    const path = this.#pathOf(name)
    if (isObject(value)) return new Fields(value, path, this.problems)
    this.#miss(name, value, 'an object', undefined)
    // What it lacks is told once, and not again for each of its fields.
    return new Fields({}, path, [])
  }

  /** Each object of a list with at least one, named in problems by its `name`. */
  list<T>(name: string, read: (fields: Fields) => T): T[] {
    const value = this.#document[name]
    if (!Array.isArray(value) || value.length === 0) {
      this.#miss(name, value, 'a list with an entry', undefined)
      return []
    }
    return value.map((item: unknown, i) => {
      const title = isObject(item) && typeof item['name'] === 'string' ? item['name'] : String(i)
      const path = `${this.#pathOf(name)}[${title}]`
      if (isObject(item)) return read(new Fields(item, path, this.problems))
      this.problems.push(`"${path}" is ${told(item)}; expected an object.`)
      return read(new Fields({}, path, []))
    })
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  #miss<T>(name: string, value: unknown, expected: string, instead: T): T {
    this.problems.push(`"${this.#pathOf(name)}" is ${told(value)}; expected ${expected}.`)
    return instead
  }
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function told(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60)
}
