/**
 * Ten times the load that the server can take, in an open loop, over the demo world: how many
 * answers still come in time, what the others are told, and whether memory grows. The peak is
 * measured first, in a closed loop of the same requests. Half of them are feeds, half batches of a
 * hundred events. The load comes from this process, on the same cores: what it takes is printed,
 * and how many answers come from a core of the server, which it and other programs hardly change.
 */
import { type Clock, errorTable, Random } from '../../base/index.ts'
import { HttpLoad, type Told } from '../../tests/http-load.ts'
import { openLoop, summary } from '../../tests/open-loop.ts'
import { type Taken, watchProcess } from '../../tests/process-watch.ts'
import { startServer, stopServer } from '../../tests/setup/server.ts'
import { FeedsAndBatches } from './feeds-and-batches.ts'

const sizes = {
  small: { peakSeconds: 0.5, seconds: 1 },
  large: { peakSeconds: 8, seconds: 30 },
} as const
const SEED = 1
const TIMES = 10
const CONNECTIONS = 256
/** The peak is the most of these that the server answers, with so many in flight. */
const IN_FLIGHT = [16, 32, 64]
/** An answer that comes later is worth nothing. */
const DEADLINE_MS = 500

export const bench = {
  name: 'serving/overload',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { peakSeconds, seconds } = sizes[size]
    const server = await startServer()
    const load = await HttpLoad.open(server.address, CONNECTIONS)
    try {
      const requests = new FeedsAndBatches(server.address, new Random(SEED), clock.now())
      const bench = { load, requests, clock, watch: () => watchProcess(server.child.pid!, clock) }
      if (size === 'large') await untilTrained(server.address, clock)
      await closedLoop(bench, { inFlight: 16, seconds: peakSeconds })
      const peaks: Peak[] = []
      for (const inFlight of IN_FLIGHT) {
        peaks.push(await closedLoop(bench, { inFlight, seconds: peakSeconds }))
      }
      const peak = peaks.reduce((most, other) =>
        other.goodPerSecond > most.goodPerSecond ? other : most,
      )
      const rate = TIMES * peak.goodPerSecond
      const over = await overload(bench, { rate, seconds })
      const afterwards = await closedLoop(bench, { inFlight: 32, seconds: peakSeconds })
      const perCore = (run: Peak) => Math.round(run.goodPerSecond / run.taken.cores)
      return {
        seed: SEED,
        options: { times: TIMES, seconds, deadlineMs: DEADLINE_MS, connections: CONNECTIONS },
        peak,
        peaks: peaks.map(({ goodPerSecond }) => goodPerSecond),
        offeredPerSecond: rate,
        over,
        goodputOfPeak: share(over.goodPerSecond, peak.goodPerSecond),
        goodPerServerCore: { peak: perCore(peak), over: perCore(over) },
        afterwardsOfPeak: share(afterwards.goodPerSecond, peak.goodPerSecond),
      }
    } finally {
      load.close()
      await stopServer(server)
    }
  },
}

/** Training a ranker takes a core, once. */
async function untilTrained(address: string, clock: Clock): Promise<void> {
  const feed = new URL('v1/users/u1/recommendations', address)
  const began = clock.monotonic()
  while (((await (await fetch(feed)).json()) as { model?: string }).model === undefined) {
    if (clock.monotonic() - began > 120_000) throw new Error('no ranker in two minutes')
    await clock.sleep(250)
  }
}

type Bench = {
  readonly load: HttpLoad
  readonly requests: FeedsAndBatches
  readonly clock: Clock
  readonly watch: () => () => Taken
}
type Peak = { readonly goodPerSecond: number; readonly taken: Taken }
type Load = { readonly rate: number; readonly seconds: number }

const share = (part: number, whole: number) => Math.round((part / whole) * 100) / 100
const isGood = ({ status }: Told) => status >= 200 && status < 300

/** Answers in time a second, while so many are always asked for. */
async function closedLoop(
  { load, requests, clock, watch }: Bench,
  { inFlight, seconds }: { readonly inFlight: number; readonly seconds: number },
): Promise<Peak> {
  const began = clock.monotonic()
  const stop = watch()
  const end = began + seconds * 1000
  let good = 0
  const client = async () => {
    for (let now = clock.monotonic(); now < end; now = clock.monotonic()) {
      const told = await new Promise<Told>((hear) => load.send(requests.next().bytes, hear))
      if (isGood(told) && clock.monotonic() - now <= DEADLINE_MS) good++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client))
  const goodPerSecond = Math.round((good / (clock.monotonic() - began)) * 1000)
  return { goodPerSecond, taken: stop() }
}

async function overload({ load, requests, clock, watch }: Bench, { rate, seconds }: Load) {
  const told: Told[] = []
  const isFeed: boolean[] = []
  const stop = watch()
  const latencies = await openLoop({ rate, seconds, seed: SEED, clock }, (n) => {
    const request = requests.next()
    isFeed[n] = request.isFeed
    return new Promise((resolve) => {
      load.send(request.bytes, (answer) => {
        told[n] = answer
        resolve()
      })
    })
  })
  const taken = stop()
  const refusals: Record<string, number> = {}
  let sayLater = 0
  const inTime = { feeds: [] as number[], batches: [] as number[] }
  let late = 0
  told.forEach((answer, n) => {
    const latency = latencies[n]!
    if (!isGood(answer)) {
      const code = answer.code ?? `status ${answer.status}`
      refusals[code] = (refusals[code] ?? 0) + 1
      const row = errorTable[code as keyof typeof errorTable] as { retry: string } | undefined
      if (answer.isLater && row?.retry === 'later') sayLater++
    } else if (latency > DEADLINE_MS) late++
    else inTime[isFeed[n] ? 'feeds' : 'batches'].push(latency)
  })
  const good = inTime.feeds.length + inTime.batches.length
  const refused = Object.values(refusals).reduce((sum, count) => sum + count, 0)
  return {
    goodPerSecond: Math.round(good / seconds),
    late,
    refusals,
    everyRefusalSaysLater: sayLater === refused,
    latencyMs: { feeds: summary(inTime.feeds), batches: summary(inTime.batches) },
    taken,
  }
}
