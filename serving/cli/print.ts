/** The result of a command: one JSON document, or aligned lines for people. */
type Fields = Readonly<Record<string, unknown>>

export function printResult(result: Fields, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : lines(result, 0))
}

/** Rows under their headings, numbers to the right. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? show(cell) : cell)))
  const widths = headings.map((heading, c) =>
    Math.max(heading.length, ...texts.map((row) => row[c]!.length)),
  )
  const line = (cells: readonly string[]) =>
    `${cells
      .map((text, c) => {
        const isNumber = typeof rows[0]?.[c] === 'number'
        return isNumber ? text.padStart(widths[c]!) : text.padEnd(widths[c]!)
      })
      .join('  ')
      .trimEnd()}\n`
  process.stdout.write([line(headings), ...texts.map(line)].join(''))
}

/** Texts of strangers move no cursor. */
export const clean = (text: unknown) => String(text).replace(/\p{Cc}/gu, '\ufffd')

/** Nested objects stand indented below their name; empty ones are left out. */
function lines(fields: Fields, depth: number): string {
  const rows = Object.entries(fields).filter(([, value]) => !isEmpty(value))
  const width = Math.max(...rows.map(([name]) => name.length))
  const indent = '  '.repeat(depth)
  return rows
    .map(([name, value]) => {
      if (isObject(value)) return `${indent}${name}\n${lines(value, depth + 1)}`
      if (Array.isArray(value) && typeof value[0] === 'string') {
        return `${indent}${name}\n${value.map((item) => `${indent}  ${item}\n`).join('')}`
      }
      return `${indent}${name.padEnd(width)}  ${show(value)}\n`
    })
    .join('')
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (isObject(value) && Object.keys(value).length === 0)
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(show).join(' to ')
  if (typeof value !== 'number') return String(value)
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 5 : 1 })
}
