/** One round: a host is started on what the last one left, compared, loaded, and dies. */
import { type Random, systemClock } from '../../base/index.ts'
import type { Oracle, Work } from '../../simulator/checkers/process/oracle.ts'
import { type Crash, type CrashPoint, crashPoints } from './crash-disk.ts'
import type { Victim } from './victim.ts'

const IN_FLIGHT = 8
/** A host that neither answers nor dies for so long is given up. */
const PATIENCE_MS = 30_000
/** Kills from outside come so soon after the load began, or after the start of the process. */
const LOADED_MS_MAX = 80
/** The server's first requests are slow: its code has not run before. */
const SERVING_MS_MAX = 400
const STARTING_MS_MAX = 250

/** How a host dies: by itself at a point, or by a kill from outside. */
export type Death = {
  readonly point: CrashPoint | 'loaded' | 'starting'
  readonly crash?: Crash
  readonly afterMs?: number
}

/** Every other death is at a named point, each in turn; the others are anywhere. */
export function deathOf(round: number, random: Random): Death {
  const point = crashPoints[round % (crashPoints.length * 2)]
  if (point) {
    // Segments are full only now and then.
    const most = point.includes('manifest') ? 1 : /folder|snapshot/.test(point) ? 4 : 12
    return { point, crash: { point, nth: 1 + random.below(most) } }
  }
  if (round % 4 > 0) return { point: 'loaded', afterMs: random.below(LOADED_MS_MAX) }
  return { point: 'starting', afterMs: random.below(STARTING_MS_MAX) }
}

/** For a host whose disk is not ours to watch. */
export function deathFromOutside(random: Random): Death {
  return { point: 'loaded', afterMs: random.below(SERVING_MS_MAX) }
}

export type Found = {
  readonly lost: number
  readonly doubled: number
  /** 1 when the host did not start, did not answer, refused work or ended by itself. */
  readonly refused: number
  readonly reason?: string
}
const refusal = (reason: string): Found => ({ lost: 0, doubled: 0, refused: 1, reason })

/** Compares; then has the host die, or stops it where no death is given. */
export async function runRound(
  victim: Victim,
  oracle: Oracle,
  death: Death | undefined,
): Promise<Found> {
  const patience = new AbortController()
  const giveUp = async () => {
    await systemClock.sleep(PATIENCE_MS, patience.signal)
    throw new Error(`the host did not reach ${death?.point ?? 'its end'} in ${PATIENCE_MS} ms`)
  }
  try {
    return await Promise.race([play(victim, oracle, death), giveUp()])
  } catch (error) {
    return refusal(String(error))
  } finally {
    patience.abort()
    victim.kill()
  }
}

async function play(victim: Victim, oracle: Oracle, death: Death | undefined): Promise<Found> {
  if (death?.point === 'starting') killAfter(victim, death)
  const seen = (await victim.ready) ? await victim.look(oracle.question()) : undefined
  const found = { ...(seen ? oracle.judge(seen) : { lost: 0, doubled: 0 }), refused: 0 }
  if (!seen) {
    // One that was to die may do so before it has told: the next one is compared.
    return (await diedAsPlanned(victim, death)) ? found : refusal('the host did not start')
  }
  if (!death) await victim.end()
  else if (found.lost + found.doubled === 0) {
    if (death.point === 'loaded') killAfter(victim, death)
    await load(victim, oracle)
    if (!(await diedAsPlanned(victim, death))) return refusal('the host ended by itself')
  }
  return found
}

function killAfter(victim: Victim, { afterMs = 0 }: Death): void {
  void systemClock.sleep(afterMs).then(() => victim.kill())
}

async function diedAsPlanned(victim: Victim, death: Death | undefined): Promise<boolean> {
  return (await victim.ended) === 'killed' && death !== undefined
}

/** Keeps a host busy until it dies. */
async function load(victim: Victim, oracle: Oracle): Promise<void> {
  const send = async (work: Work) => {
    const reply = await victim.send(work)
    if (reply) oracle.acknowledge(work)
    return reply !== undefined
  }
  const stream = async () => {
    while (await send(oracle.next()));
  }
  await Promise.all([...oracle.resends().map(send), ...Array.from({ length: IN_FLIGHT }, stream)])
}
