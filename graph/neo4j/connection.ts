/**
 * A connection to Neo4j: the only user of the driver. It is verified before anything is asked:
 * address, then user and password, then database. Whole numbers go out as integers (the driver
 * sends plain ones as floats) and come back as numbers.
 *
 * `write` runs its work again when the server went away, even if what was lost is only the answer
 * to the commit: so a work's effect must be the same the second time.
 */
import type { AuthToken, Driver, ManagedTransaction } from 'neo4j-driver'
import { type Clock, pinwheelError } from '../../base/index.ts'
import { boltProblem } from './bolt-probe.ts'
import { neo4jFailure } from './failure.ts'

export type Neo4jOptions = {
  /** bolt://host:port, neo4j://…, or with +s for TLS; CONFIG_INVALID when it is another. */
  readonly url: string
  readonly user: string
  /** Undefined: the server asks for none. */
  readonly password?: string
  readonly database: string
  readonly clock: Clock
  /** To hear from a server. */
  readonly connectMs?: number
  /** To be logged in: a server that has just started takes seconds. */
  readonly loginMs?: number
  /** To try again what was lost with a connection. */
  readonly retryMs?: number
}

export const neo4jDefaults = Object.freeze({ connectMs: 2_500, loginMs: 20_000, retryMs: 15_000 })

export type Row = Readonly<Record<string, unknown>>

/** What works are given: a transaction. */
export interface Neo4jTransaction {
  run(cypher: string, parameters?: Row): Promise<readonly Row[]>
  /** Rows as the server gives them, without holding them all. */
  stream(cypher: string, parameters?: Row): AsyncIterable<Row>
}

type Work<T> = (transaction: Neo4jTransaction) => Promise<T>
type Integers = (value: number) => unknown

export class Neo4jConnection {
  /** Without user and password; for messages. */
  readonly address: string
  readonly #driver: Driver
  readonly #integer: Integers
  readonly #options: Neo4jOptions

  private constructor(driver: Driver, integer: Integers, options: Neo4jOptions) {
    this.address = addressOf(checkedUrl(options.url))
    this.#driver = driver
    this.#integer = integer
    this.#options = options
  }

  /** NEO4J_UNREACHABLE within connectMs, NEO4J_REFUSED for a wrong password. */
  static async open(options: Neo4jOptions): Promise<Neo4jConnection> {
    const { connectMs, loginMs, retryMs, user, password, database } = {
      ...neo4jDefaults,
      ...options,
    }
    const url = checkedUrl(options.url)
    const address = addressOf(url)
    const problem = url.protocol.includes('+') ? undefined : await boltProblem(url, connectMs)
    const unreachable = (reason: string) => pinwheelError('NEO4J_UNREACHABLE', { address, reason })
    if (problem !== undefined) throw unreachable(problem)
    // Loaded here, since every thread imports graph/ and the driver takes 0.4 s.
    const { default: neo4j } = await import('neo4j-driver')
    const auth: AuthToken | undefined =
      password === undefined ? undefined : neo4j.auth.basic(user, password)
    const driver = neo4j.driver(options.url, auth, {
      connectionTimeout: connectMs,
      connectionAcquisitionTimeout: loginMs,
      maxTransactionRetryTime: retryMs,
      maxConnectionPoolSize: 4,
      disableLosslessIntegers: true,
      telemetryDisabled: true,
      userAgent: 'pinwheel',
    })
    const connection = new Neo4jConnection(driver, (value) => neo4j.int(value), options)
    const patience = new AbortController()
    try {
      const late = options.clock.sleep(loginMs, patience.signal).then(() => {
        throw unreachable(`no login within ${loginMs} ms`)
      })
      await Promise.race([connection.#verify(database), late])
      return connection
    } catch (error) {
      // Not awaited: closing waits for a silent server, too.
      driver.close().catch(() => {})
      throw neo4jFailure(error, { address, user })
    } finally {
      patience.abort()
    }
  }

  /** Runs `work` in a read transaction of at most `timeoutMs`; again when the server went away. */
  read<T>(work: Work<T>, timeoutMs?: number): Promise<T> {
    return this.#within('READ', work, timeoutMs)
  }

  /** Runs `work` in a write transaction; again when the answer to its commit was lost. */
  write<T>(work: Work<T>): Promise<T> {
    return this.#within('WRITE', work)
  }

  /** Runs a statement that may not share a transaction with data, such as a constraint's. */
  async schema(cypher: string): Promise<void> {
    await this.write((transaction) => transaction.run(cypher))
  }

  async close(): Promise<void> {
    await this.#driver.close()
  }

  /** The first finds out who asks, the second looks into the database. */
  async #verify(database: string): Promise<void> {
    await this.#driver.getServerInfo({ database })
    await this.read((transaction) => transaction.run('RETURN 1'))
  }

  async #within<T>(mode: 'READ' | 'WRITE', work: Work<T>, timeout?: number): Promise<T> {
    const { database, user } = this.#options
    const session = this.#driver.session({ database, defaultAccessMode: mode })
    const managed = (transaction: ManagedTransaction) => work(this.#wrap(transaction))
    const limits = timeout === undefined ? {} : { timeout }
    try {
      return mode === 'READ'
        ? await session.executeRead(managed, limits)
        : await session.executeWrite(managed, limits)
    } catch (error) {
      throw neo4jFailure(error, { address: this.address, user })
    } finally {
      // What went wrong was told already.
      await session.close().catch(() => {})
    }
  }

  #wrap(transaction: ManagedTransaction): Neo4jTransaction {
    const encoded = (parameters: Row = {}) => withIntegers(parameters, this.#integer)
    return {
      run: async (cypher, parameters) => {
        const { records } = await transaction.run(cypher, encoded(parameters))
        return records.map((record) => record.toObject())
      },
      async *stream(cypher, parameters) {
        for await (const record of transaction.run(cypher, encoded(parameters))) {
          yield record.toObject()
        }
      },
    }
  }
}

/** The same parameters with whole numbers as the driver's integers. */
function withIntegers(parameters: Row, integer: Integers): Row {
  const convert = (value: unknown): unknown => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? integer(value) : value
    if (Array.isArray(value)) return typeof value[0] === 'string' ? value : value.map(convert)
    if (typeof value === 'object' && value !== null) return withIntegers(value as Row, integer)
    return value
  }
  return Object.fromEntries(Object.entries(parameters).map(([name, v]) => [name, convert(v)]))
}

/** CONFIG_INVALID without repeating what may hold a password. */
function checkedUrl(text: string): URL {
  const url = URL.parse(text)
  if (url && /^(bolt|neo4j)(\+s|\+ssc)?:$/.test(url.protocol) && !url.username && !url.password) {
    return url
  }
  const problems =
    'PINWHEEL_NEO4J_URL must be like bolt://127.0.0.1:7687 (bolt or neo4j, +s for TLS), without ' +
    'user and password; those have settings of their own.'
  throw pinwheelError('CONFIG_INVALID', { problems })
}

function addressOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`
}
