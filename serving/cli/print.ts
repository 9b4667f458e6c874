/** The result of a command: one JSON document, or an aligned table for people. */
export function printResult(result: Readonly<Record<string, unknown>>, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : table(result))
}

function table(result: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(result)
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${show(value)}\n`).join('')
}

function show(value: unknown): string {
  if (typeof value === 'number') {
    return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 4 : 1 })
  }
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, item]) => `${name} ${show(item)}`)
    .join(', ')
}
