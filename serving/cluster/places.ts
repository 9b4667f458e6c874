/** Addresses of servers, in the forms that their clients are told. */
import { pinwheelError } from '../../base/index.ts'

export type Place = { readonly host: string; readonly port: number }

/** host:port, or a URL of which those are part; several of a cluster with commas between. */
export function placeOf(given: unknown, defaultPort: number): Place {
  const text = typeof given === 'string' ? given.trim() : ''
  if (text === '') return { host: '127.0.0.1', port: defaultPort }
  const [first = ''] = text.split(',')
  const found = /^(?:[\w+]+:\/\/)?(?:[^@/]*@)?(\[[\da-f:]+\]|[^:/[\]]+)(?::(\d+))?(?:\/.*)?$/i
  const [, host, port] = found.exec(first) ?? []
  if (host === undefined) {
    throw pinwheelError('CONFIG_INVALID', { problems: `"${text}" is no address host:port.` })
  }
  return { host, port: Number(port ?? defaultPort) }
}

/** Whether it is this machine's loopback. */
export function isHere({ host }: Place): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host)
}

export type Connection = Place & { readonly user: string; readonly database: string }

/** What a connection string of PostgreSQL says: words `key=value`, or a URL. */
export function connectionOf(text: string): Connection {
  const url = /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::[^@/]*)?@)?([^/?]*)(?:\/([^?]*))?/.exec(text)
  if (url) {
    const [, user = '', place = '', database = ''] = url
    return named(placeOf(place, 5432), decodeURIComponent(user), decodeURIComponent(database))
  }
  const words = [...text.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/g)]
  const keys = new Map(words.map(([, key, quoted, plain]) => [key, quoted ?? plain ?? '']))
  if (keys.size === 0) {
    const problems = 'PINWHEEL_POSTGRES is no connection string (host=… port=… user=… dbname=…).'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const place = `${keys.get('host') ?? '127.0.0.1'}:${keys.get('port') ?? 5432}`
  return named(placeOf(place, 5432), keys.get('user') ?? '', keys.get('dbname') ?? '')
}

function named(place: Place, user: string, database: string): Connection {
  const name = user || 'postgres'
  return { ...place, user: name, database: database || name }
}
