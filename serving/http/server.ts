/**
 * The HTTP server: wiring only. What a request passes, in order: Node's parser (bounds, refusals
 * by hand) → too much under way? → stopping? → Host or key → route → schema → handler →
 * back-pressure → recommender; refusals behind the first two leave through `replyError`.
 */
import type { Socket } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest, type InjectOptions } from 'fastify'
import {
  type Clock,
  type DeclaredKinds,
  errorCode,
  type Logger,
  limits,
  noDeclaredKinds,
  pinwheelError,
} from '../../base/index.ts'
import { checkHost, isLoopback, keyCheck, needsKey, securityHeaders } from './access.ts'
import { Admission } from './admission.ts'
import { admittedRecommender } from './admitted-recommender.ts'
import type { App } from './app.ts'
import { registerBodies } from './bodies.ts'
import { type Bounds, bounds } from './bounds.ts'
import { refuseEarly } from './early-refusal.ts'
import { clientErrorText, replyError, route } from './error-reply.ts'
import { Metrics } from './metrics.ts'
import { registerOpenApi, registerOpenApiRoute } from './openapi.ts'
import { registerOperations } from './operation-routes.ts'
import { type Picture, registerPages, registerPictures } from './pages.ts'
import type { Recommender } from './recommender-port.ts'
import { RouteTable } from './route-table.ts'
import { registerV1 } from './v1-routes.ts'
import { validatorCompiler } from './validate.ts'

export type ServerOptions = {
  readonly recommender: Recommender
  readonly clock: Clock
  readonly logger: Logger
  /** Wanted of every /v1 request when set. */
  readonly key?: string
  /** Serve any Host name, and other machines, without a key. */
  readonly open?: boolean
  /** Kinds of event beside ours that entries may have. */
  readonly kinds?: DeclaredKinds
  /** Directory of the built feed page. */
  readonly pages?: string
  /** Draws the pictures of a demo world at /demo/pictures/ID.png. */
  readonly picture?: Picture
  /** Other bounds than the usual ones: for tests. */
  readonly bounds?: Partial<Bounds>
}
export type ListenOptions = { readonly host: string; readonly port: number }

export interface Server {
  /** Resolves to the address, once it answers. ADDRESS_NEEDS_KEY, PORT_IN_USE. */
  listen(options: ListenOptions): Promise<string>
  /** A request without a socket: for tests and for commands in the same process. */
  inject(request: InjectOptions | string): Promise<InjectedReply>
  /** Refuses what is new, lets what runs finish, then closes. */
  close(): Promise<void>
}
export type InjectedReply = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, number | string | string[] | undefined>>
  readonly body: string
  readonly rawPayload: Buffer
  json(): unknown
}

export function createServer(options: ServerOptions): Server {
  const { clock, logger, key, open = false, kinds = noDeclaredKinds } = options
  const own = { ...bounds, ...options.bounds }
  const app = newApp(clock, logger, own)
  const admission = new Admission({ clock, logger, bounds: own })
  refuseEarly(app.server, admission)
  const recommender = admittedRecommender(options.recommender, admission)
  const metrics = new Metrics(recommender)
  const routes = new RouteTable()
  const gate = { stopping: false, hostIsChecked: key === undefined && !open }

  app.addHook('onRoute', ({ method, url }) => routes.add(method, url))
  admit(app, { gate, ...(key !== undefined && { key }) })
  account(app, { clock, logger, metrics })
  app.setErrorHandler((error, request, reply) => replyError(logger, error, request, reply))
  app.setNotFoundHandler((request) => {
    throw routes.refusal(request.method, request.url)
  })
  registerBodies(app)
  registerOpenApi(app, { secured: key !== undefined, kinds })
  app.register(async (scope) => {
    const context = { recommender, clock, metrics, kinds }
    registerV1(scope as App, context)
    registerOperations(scope as App, context)
    registerOpenApiRoute(scope as App)
    if (options.pages !== undefined) registerPages(scope as App, options.pages)
    if (options.picture) registerPictures(scope as App, options.picture)
  })

  return {
    listen: (at) => listen(app, at, { open, keyed: key !== undefined }),
    inject: (request) => app.inject(request),
    close: async () => {
      gate.stopping = true
      // A client that never finishes its request must not hold the server.
      const stop = clock.every(own.closeMsMax, () => app.server.closeAllConnections())
      await app.close()
      stop()
    },
  }
}

function newApp(clock: Clock, logger: Logger, own: Bounds): App {
  let requests = 0
  const start = clock.now().toString(36)
  const app: App = Fastify({
    logger: false,
    genReqId: () => `${start}-${(++requests).toString(36)}`,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: own.receiveMsMax,
    handlerTimeout: own.handlerMsMax,
    keepAliveTimeout: own.idleConnectionMsMax,
    forceCloseConnections: 'idle',
    // The hook below answers in the form of the error table instead.
    return503OnClosing: false,
    http: { maxHeaderSize: own.headerBytesMax, connectionsCheckingInterval: own.receiveCheckMs },
    routerOptions: { maxParamLength: own.headerBytesMax },
    clientErrorHandler: refuseByHand,
    frameworkErrors: (error, request, reply) => {
      const { url } = request.raw
      const wire = pinwheelError(
        'BAD_REQUEST',
        { reason: `the address ${url} cannot be read` },
        error,
      )
      reply.headers(securityHeaders)
      replyError(logger, wire, request as FastifyRequest, reply as FastifyReply)
    },
  })
  app.server.maxConnections = own.connectionsMax
  app.setValidatorCompiler(validatorCompiler)
  // Replies are plain data made here: a compiled serialiser would silently drop unlisted fields.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  return app
}

function refuseByHand(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) socket.write(clientErrorText(error.code))
  socket.destroy()
}

type Gate = { readonly stopping: boolean; readonly hostIsChecked: boolean }

function admit(app: App, { gate, key }: { readonly gate: Gate; readonly key?: string }): void {
  const checkKey = key === undefined ? undefined : keyCheck(key)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    if (gate.stopping) {
      reply.header('connection', 'close')
      throw pinwheelError('STOPPING')
    }
    if (gate.hostIsChecked) checkHost(request.headers.host)
    if (needsKey(request.routeOptions.url)) checkKey?.(request.headers.authorization)
  })
}

type Books = { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics }

/** Times each request, for the page (Server-Timing), the metrics and the log. */
function account(app: App, { clock, logger, metrics }: Books): void {
  const starts = new WeakMap<object, number>()
  const since = (request: object) => clock.monotonic() - (starts.get(request) ?? clock.monotonic())
  app.addHook('onRequest', async (request) => {
    starts.set(request, clock.monotonic())
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('server-timing', `total;dur=${since(request).toFixed(1)}`)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request
    const ms = since(request)
    const sample = { method, route: route(request), status: reply.statusCode }
    metrics.observe({ ...sample, seconds: ms / 1000 })
    logger.debug({ ...sample, ms, ref: request.id }, 'request')
  })
}

type Exposure = { readonly open: boolean; readonly keyed: boolean }

async function listen(
  app: App,
  { host, port }: ListenOptions,
  exposure: Exposure,
): Promise<string> {
  if (!isLoopback(host) && !exposure.keyed && !exposure.open) {
    throw pinwheelError('ADDRESS_NEEDS_KEY', { host })
  }
  try {
    return await app.listen({ host, port })
  } catch (cause) {
    if (errorCode(cause)) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw pinwheelError('PORT_IN_USE', { host, port }, cause)
    throw pinwheelError('ADDRESS_UNFIT', { host, port, reason: code ?? 'unknown' }, cause)
  }
}
