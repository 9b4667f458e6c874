import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { Relay, type Watch } from './relay.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A server that says everything twice, and a relay before it. */
async function started(watch?: () => Watch) {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('end', () => heard.push('end'))
    socket.on('data', (bytes) => {
      heard.push(`${bytes}`)
      socket.write(`${bytes}${bytes}`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const to = (server.address() as AddressInfo).port
  const relay = await Relay.start({ to, ...(watch && { watch }) })
  ends.push(
    () => server.close(),
    () => relay.close(),
  )
  return { relay, heard }
}

async function client(relay: Relay) {
  const socket = connect({ port: relay.port, host: '127.0.0.1' })
  let said = ''
  socket.on('data', (bytes) => (said += bytes))
  ends.push(() => socket.destroy())
  await once(socket, 'connect')
  return { socket, said: () => said }
}

const ask = (socket: Socket, words: string) => new Promise((done) => socket.write(words, done))

test('passes both ways, until it is cut; what was sent meanwhile arrives late', async () => {
  const { relay, heard } = await started()
  const { socket, said } = await client(relay)
  await ask(socket, 'a')
  await expect.poll(said).toBe('aa')
  const [one, other] = [relay.cut(), relay.cut()]
  await ask(socket, 'b')
  const late = await client(relay)
  await ask(late.socket, 'c')
  one()
  await systemClock.sleep(100)
  expect([said(), late.said(), heard]).toEqual(['aa', '', ['a']])
  other()
  await expect.poll(() => [said(), late.said()]).toEqual(['aabb', 'cc'])
})

test('who goes away while it is cut is missed when it is whole again', async () => {
  const { relay, heard } = await started()
  const { socket } = await client(relay)
  await ask(socket, 'a')
  await expect.poll(() => heard).toEqual(['a'])
  const mend = relay.cut()
  socket.end('b')
  await systemClock.sleep(100)
  expect(heard).toEqual(['a'])
  mend()
  await expect.poll(() => heard).toEqual(['a', 'b', 'end'])
})

test('of one process it cuts nothing of others', async () => {
  const { relay } = await started()
  const { socket, said } = await client(relay)
  await ask(socket, 'a')
  await expect.poll(said).toBe('aa')
  const others = relay.cut(() => process.ppid)
  await ask(socket, 'b')
  await expect.poll(said).toBe('aabb')
  others()
  const mend = relay.cut(() => process.pid)
  await ask(socket, 'c')
  await systemClock.sleep(100)
  expect(said()).toBe('aabb')
  mend()
  await expect.poll(said).toBe('aabbcc')
})

test('what a watch refuses does not pass', async () => {
  const { relay, heard } = await started(() => ({ fromClient: (bytes) => !bytes.includes('x') }))
  const { socket } = await client(relay)
  const closed = once(socket, 'close')
  await ask(socket, 'x')
  await closed
  expect(heard).not.toContain('x')
})
