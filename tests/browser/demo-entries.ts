/** A little catalogue with titles and topics, and two people who have saved something. */
import { crc32, deflateSync } from 'node:zlib'
import type { Entry } from '../../base/index.ts'

const topics = {
  sailing: ['Wooden dinghy at dusk', 'Rope, knots and splices', 'A sloop on the Baltic'],
  bread: ['Rye with a thick crust', 'Sourdough, day three', 'Flat breads of the south'],
  lamps: ['Paper lantern', 'Brass desk lamp from 1931', 'A lamp that folds away'],
  gardens: ['Moss under the maple', 'Raised beds from old doors', 'A wall of espaliered pears'],
  maps: ['The river before it was straightened', 'City of canals, 1652', 'Isolines by hand'],
} as const
const day = 24 * 60 * 60 * 1000

export function demoEntries(now: number): readonly Entry[] {
  const entries: Entry[] = []
  let number = 0
  for (let round = 0; round < 8; round++) {
    for (const [topic, titles] of Object.entries(topics)) {
      const title = titles[round % titles.length] ?? topic
      const id = `p${number++}`
      const image = number % 3 === 0 ? {} : { image: `/demo/pictures/${id}.png` }
      const told = { title: `${title}${round > 2 ? `, no. ${round}` : ''}`, topic, ...image }
      entries.push({ kind: 'pin', id, time: now - 9 * day, tags: [topic, 'handmade'], ...told })
    }
  }
  const save = (user: string, pin: string): Entry => {
    return { kind: 'save', id: `${user}-${pin}`, time: now - day, user, pin }
  }
  return [...entries, save('u12', 'p0'), save('u12', 'p5'), save('u7', 'p1')]
}

/** A PNG of soft bands, its colours and height by the pin. */
export function demoPicture(pin: string): Buffer | undefined {
  const number = Number(/^p(\d+)$/.exec(pin)?.[1] ?? Number.NaN)
  if (Number.isNaN(number)) return undefined
  const width = 120
  const height = 100 + ((number * 37) % 90)
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (1 + width * 3) + 1 + x * 3
      const wave = Math.sin((x * ((number % 5) + 1) + y * ((number % 3) + 1)) / 40)
      rows[at] = 120 + 80 * Math.sin(number) + 40 * wave
      rows[at + 1] = 120 + 70 * Math.sin(number + 2) + 40 * wave
      rows[at + 2] = 130 + 70 * Math.sin(number + 4) - 30 * wave
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}
