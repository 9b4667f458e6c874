/**
 * Generation 2 under a fitted model in a running host: the lists that `evaluate` ranks by the very
 * model in memory, on every thread, also on one that was started again, and after a swap.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, Random, silentLogger, systemClock } from '../../../base/index.ts'
import {
  compareServed,
  decodeFitted,
  type ExpectedModel,
  encodeFitted,
  fitForServing,
  fittedMemory,
  type ServedName,
  savesOf,
} from '../../../ranking/fitted/index.ts'
import { grouped, settingsOf, tools } from '../../../ranking/fitted/testing.ts'
import type { Dataset } from '../../../ranking/index.ts'
import type { BatchModel } from '../../../ranking/models/batch-model.ts'
import { standardised } from '../../../ranking/models/blend.ts'
import { saboteur } from '../../../tests/contracts/saboteur.ts'
import { Recommender } from '../../recommender/recommender.ts'
import { interactionsFromLog } from '../../training/interactions-from-log.ts'
import { Runtime } from './runtime.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-fitted-host-test-'))
const leave: (() => unknown)[] = []
afterAll(async () => {
  for (const step of leave.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})

const module = new URL('../../../tests/contracts/saboteur.ts', import.meta.url).href
const USERS = 40
const AT = 3

function saves(data: Dataset): Entry[] {
  const { offsets, items } = data.train
  return Array.from({ length: data.users }, (_, user) => {
    return Array.from(items.subarray(offsets[user], offsets[user + 1]), (item, n): Entry => {
      const event = { user: data.names.users.id(user), pin: data.names.items.id(item) }
      return { kind: 'save', id: `s${user}-${n}`, time: 1_000 * user + n, ...event }
    })
  }).flat()
}

let shared: Awaited<ReturnType<typeof host>>
beforeAll(async () => {
  shared = await host()
})

async function host() {
  const sizes = { usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 }
  const runtime = await Runtime.start({
    ...sizes,
    directory: mkdtempSync(join(directory, 'host-')),
    workers: 2,
    partitions: 2,
    clock: systemClock,
    logger: silentLogger,
    types: [{ type: saboteur, module, exported: 'saboteur', space: 'user' }],
  })
  leave.push(() => runtime.stop())
  await runtime.ingest(saves(grouped(USERS)))
  await runtime.buildEpoch()
  const random = new Random(1)
  const recommender = new Recommender({ runtime, clock: systemClock, deadlineMs: 5_000, random })
  leave.push(() => recommender.close())
  const ask = async (user: string, more: object = {}) => {
    const asked = {
      user,
      limit: AT,
      generation: 'collaborative',
      exclude: [],
      explain: true,
    } as const
    return recommender.recommend({ ...asked, at: 99_000, seed: 1, off: ['slate'], ...more })
  }
  const list = async (user: string) => {
    const { model, items } = await ask(user)
    return { pins: items.map(({ pin }) => pin), ...(model !== undefined && { model }) }
  }
  const { interactions } = await interactionsFromLog(runtime.log)
  const data = savesOf(interactions)
  return { runtime, ask, list, data }
}

async function fitOn(data: Dataset, name: ServedName) {
  const part = (model: Exclude<ServedName, 'best'>, weight: number) => {
    return { model, weight, settings: settingsOf[model] }
  }
  const parts =
    name === 'best' ? [part('low-pass', 0.4), part('softmax-factors', 0.6)] : [part(name, 1)]
  return fitForServing(data, { model: name, seed: 1, at: AT, tools: tools(), choice: { parts } })
}

/** Through the bytes, as a host gets it. */
function memoryOf(
  fitted: Awaited<ReturnType<typeof fitOn>>['fitted'],
  runtime: Runtime,
  version: string,
) {
  const bytes = Buffer.concat([...encodeFitted(fitted)])
  expect(decodeFitted(bytes, 'x').pins).toEqual(fitted.pins)
  return fittedMemory({ bytes, version }, runtime.names.pin)
}

describe.each(['low-pass', 'best', 'ials', 'co-occurrence'] as const)('%s', (name) => {
  test('everybody is answered what evaluate ranks by the model in memory', async () => {
    const { runtime, list, data } = shared
    const { fitted, model } = await fitOn(data, name)
    await runtime.useFitted(memoryOf(fitted, runtime, name))
    const compared = await compareServed(
      asServed(name, model),
      { ...data, test: data.train },
      list,
      {
        users: USERS,
        at: AT,
        seed: 1,
        clock: systemClock,
      },
    )
    expect(compared).toMatchObject({ users: USERS, equal: USERS, tied: 0, different: 0 })
    expect(compared.served).toEqual(compared.evaluated)
  })
})

/** A model as `evaluate` has it in memory; a blend has standardised its parts already. */
function asServed(version: string, model: BatchModel): ExpectedModel {
  const score: BatchModel['score'] = async (batch) => {
    return standardised(await model.score(batch), batch.histories)
  }
  return { version, model: version === 'best' ? model : { score } }
}

test('a comparison tells a list that is another one, ties, and another model', async () => {
  const { runtime, list, data } = shared
  const { fitted, model } = await fitOn(data, 'low-pass')
  await runtime.useFitted(memoryOf(fitted, runtime, 'one'))
  const withTest = { ...data, test: data.train }
  const options = { users: USERS, at: AT, seed: 1, clock: systemClock }
  const turned = async (user: string) => {
    const { pins, ...more } = await list(user)
    return { ...more, pins: user === 'u7' ? pins.toReversed() : pins }
  }
  const expected = asServed('one', model)
  const compared = await compareServed(expected, withTest, turned, options)
  expect(compared).toMatchObject({ different: 1, examples: [{ user: 'u7', rank: 0 }] })
  // To a model that likes all alike, every list is a tie.
  const alike: BatchModel = {
    score: async ({ users }) => {
      return { columns: data.items, values: new Float32Array(users.length * data.items) }
    },
  }
  const ties = await compareServed({ version: 'one', model: alike }, withTest, list, options)
  expect(ties).toMatchObject({ different: 0, equal: 0, tied: USERS })
  const other = compareServed({ ...expected, version: 'two' }, withTest, list, options)
  await expect(other).rejects.toMatchObject({ code: 'EVALUATION_DATA' })
})

test('a swap is for all threads, and for one that is started again', async () => {
  const { runtime, ask, data } = shared
  const everybody = Array.from({ length: USERS }, (_, user) => `u${user}`)
  const versions = async () => {
    const answers = await Promise.all(everybody.map((user) => ask(user)))
    return [...new Set(answers.map(({ model }) => model))]
  }
  for (const version of ['one', 'two']) {
    const { fitted } = await fitOn(data, version === 'one' ? 'low-pass' : 'rp3beta')
    await runtime.useFitted(memoryOf(fitted, runtime, version))
    expect(await versions()).toEqual([version])
    expect(new Set((await runtime.stats()).map(({ fitted }) => fitted))).toEqual(new Set([version]))
  }
  for (const user of everybody.slice(0, 2)) {
    await runtime.asks.ask('Saboteur', user, 'end').catch(() => {})
    await runtime.settled()
  }
  expect(await versions()).toEqual(['two'])
})

test('a save, an unsave and a hide are in the next answer; a pin that came later is not lost', async () => {
  const { runtime, ask, list, data } = shared
  const { fitted } = await fitOn(data, 'gf-cf')
  await runtime.useFitted(memoryOf(fitted, runtime, 'v'))
  const { pins } = await list('u1')
  const [first, second] = pins as [string, string]
  await runtime.ingest([
    { kind: 'save', id: 'n1', time: 90_000, user: 'u1', pin: first },
    { kind: 'hide', id: 'n2', time: 90_000, user: 'u1', pin: second },
    { kind: 'pin', id: 'newer', time: 90_000 },
    { kind: 'save', id: 'n3', time: 90_000, user: 'u2', pin: 'newer' },
  ])
  await runtime.buildEpoch()
  const after = await list('u1')
  expect(after.pins).not.toContain(first)
  expect(after.pins).not.toContain(second)
  // Folded in: the scores of all are others than those of the fitted row.
  const { items } = await ask('u1', { limit: 100 })
  expect(items.at(-1)).toMatchObject({ pin: 'newer', score: expect.any(Number) })
  await runtime.ingest([
    { kind: 'unsave', id: 'n4', time: 91_000, user: 'u1', pin: first },
    { kind: 'hide', id: 'n5', time: 91_000, user: 'u1', pin: 'newer' },
  ])
  await runtime.settled()
  const { items: again } = await ask('u1', { limit: 100 })
  const shown = again.map(({ pin }) => pin)
  expect(shown[0]).toBe(first)
  expect(shown).not.toContain(second)
})
