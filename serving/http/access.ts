/**
 * Who may ask. With a key, everything that tells about people or work wants it; without one the
 * server stands on loopback and answers loopback names only: a page of a stranger that re-points
 * its own name to 127.0.0.1 (DNS rebinding) must not read feeds.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { pinwheelError } from '../../base/index.ts'

/** True for the names and addresses that reach this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  if (name === '::1' || name === '[::1]') return true
  return isIPv4(name) && name.startsWith('127.')
}

/** Throws HOST_UNKNOWN unless the Host header names this machine. */
export function checkHost(header: string | undefined): void {
  if (header === undefined) return
  const host = header.replace(/:\d*$/, '')
  if (!isLoopback(host)) throw pinwheelError('HOST_UNKNOWN', { host })
}

/** Throws KEY_REQUIRED unless the header carries `key`. */
export function keyCheck(key: string): (authorization: string | undefined) => void {
  // Digests have one length, so that the comparison takes one time whatever was sent.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${key}`)
  return (authorization) => {
    const given = digest((authorization ?? '').replace(/^bearer +/i, 'Bearer '))
    if (!timingSafeEqual(given, expected)) throw pinwheelError('KEY_REQUIRED')
  }
}

/** Routes that a key protects; probes, the page and the document of the API stay free. */
export function needsKey(route: string | undefined): boolean {
  return route !== undefined && (route.startsWith('/v1/') || route === '/metrics')
}

/** Sent with every reply. The page loads only what this server gives it. */
export const securityHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
})
