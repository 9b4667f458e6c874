/** A calibration of round numbers, for tests that must not change with the machine. */
import type { Calibration, RequestTimes } from './calibration.ts'

/** Times of a request that vary by half to both sides of their means. */
export function timesAround(mainMs: number, workerMs: number): RequestTimes {
  const around = (ms: number) => [0.5 * ms, ms, 1.5 * ms]
  return {
    mainMs: around(mainMs),
    workerMs: around(workerMs),
    helperMs: around(0.5),
    clientMs: around(0.4),
    elapsedMs: around(mainMs + workerMs + 0.4),
    replyBytes: 10_000,
  }
}

const stored = { each: 120, ratio: 0.2, compressMsPerMegabyte: 5 }

export const plainCalibration: Calibration = {
  date: '2026-11-27',
  machine: 'none',
  commit: 'none',
  demo: {
    mixed: timesAround(1.6, 5),
    alive: timesAround(0.2, 0),
    event: timesAround(0.3, 0.1),
    batch: timesAround(0.8, 0.3),
  },
  large: {
    tags: timesAround(1, 2),
    collaborative: timesAround(1.3, 3),
    mixed: timesAround(1.6, 8),
    deep: timesAround(2, 30),
  },
  eventsPerBatch: 100,
  flushMs: { p50: 0.8, p99: 2 },
  activationsPerCpuSecond: 400_000,
  listMs: { ahead: 0.2, online: 3, listed: 0.5 },
  graphBytesPerEdge: 9.5,
  bytes: { log: stored, user: { ...stored, each: 3_000 }, pin: { ...stored, each: 440 } },
}
