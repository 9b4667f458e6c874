/** Where an entry is in the stream: the sequence of its frame, and its place in it. */

/** Places of a frame; a frame of 64 KiB has 4,096 entries of 16 bytes, which is the least. */
export const PLACES = 4096

export const positionOf = (sequence: number, place: number): number => sequence * PLACES + place
export const sequenceOf = (position: number): number => Math.floor(position / PLACES)
