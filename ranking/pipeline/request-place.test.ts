import { expect, test } from 'vitest'
import { devices, placeOf, surfaces } from './request-place.ts'

test('words that features know are themselves, others are other, and silence is the default', () => {
  for (const device of devices) expect(placeOf({ device }).device).toBe(device)
  for (const surface of surfaces) expect(placeOf({ surface }).surface).toBe(surface)
  expect(placeOf({ device: 'fridge', surface: 'valueOf' })).toEqual({
    device: 'other',
    surface: 'other',
  })
  expect(placeOf({})).toEqual({ device: 'other', surface: 'home' })
  expect(placeOf({ board: {} }).surface).toBe('board')
  expect(placeOf({ relatedTo: [1] }).surface).toBe('related')
  expect(placeOf({ board: {}, surface: 'search' }).surface).toBe('search')
})
