/**
 * The feed page as `vite build` left it, and the generated pictures of a demo world. Only files
 * that stood in the directory at the start are routes, so no address can reach beside it.
 */
import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { pinwheelError } from '../../base/index.ts'
import type { App } from './app.ts'
import { bounds } from './bounds.ts'

/** PNG bytes of a pin's picture, undefined where the world has none. */
export type Picture = (pin: string) => Buffer | undefined

export function registerPages(app: App, directory: string): void {
  if (!existsSync(join(directory, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, async () => {
      throw pinwheelError('PAGES_MISSING')
    })
    return
  }
  app.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    decorateReply: false,
    cacheControl: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      // Names under assets/ carry a hash of the content: what has one never changes.
      const hashed = path.includes(`${sep}assets${sep}`)
      const life = hashed ? 'public, max-age=31536000, immutable' : 'no-cache'
      reply.header('cache-control', life)
    },
  })
}

export function registerPictures(app: App, picture: Picture): void {
  // Drawing takes milliseconds of the thread that serves, so the last ones are kept.
  const kept = new Map<string, Buffer>()
  const draw = (pin: string): Buffer | undefined => {
    const known = kept.get(pin)
    if (known) return known
    const drawn = picture(pin)
    if (!drawn) return undefined
    const oldest = kept.keys().next()
    if (kept.size >= bounds.picturesKept && !oldest.done) kept.delete(oldest.value)
    kept.set(pin, drawn)
    return drawn
  }
  app.get<{ Params: { file: string } }>(
    '/demo/pictures/:file',
    { schema: { hide: true } },
    async ({ params }, reply) => {
      const { file } = params
      const bytes = file.endsWith('.png') ? draw(file.slice(0, -'.png'.length)) : undefined
      if (!bytes) throw pinwheelError('PICTURE_UNKNOWN', { file })
      return reply.type('image/png').header('cache-control', 'public, max-age=86400').send(bytes)
    },
  )
}
