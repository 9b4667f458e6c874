/**
 * Every bound in one place: what comes from outside is refused beyond these, with the number named
 * in the refusal. Units are in the names.
 */
export const limits = Object.freeze({
  /** An outside id (user, pin, board, event) in UTF-8 bytes. */
  idBytesMax: 200,
  /** A topic, tag or language name in UTF-8 bytes. */
  tagBytesMax: 64,
  tagsPerPinMax: 16,
  titleBytesMax: 300,
  descriptionBytesMax: 2_000,
  imageBytesMax: 1_000,
  /** Entries in one POST /v1/events. */
  entriesPerRequestMax: 1_000,
  /** A request body. */
  bodyBytesMax: 4 * 1024 * 1024,
  /** One entry as encoded in the log. */
  entryBytesMax: 8 * 1024,
  /** One log frame's payload. */
  frameBytesMax: 1024 * 1024,
  /** How far an event's time may lie ahead of the server's clock. */
  futureMsMax: 24 * 60 * 60 * 1000,
  /** The duplicate window, in entries of one partition (design, section 2). */
  duplicateWindowEntries: 65_536,
  /** Actions kept per user. */
  actionsPerUserMax: 1_000,
  /** Kinds of event that an operator declares, and how much one may weigh (a save weighs 1). */
  declaredKindsMax: 32,
  kindWeightMax: 100,
  recommendationsMax: 100,
  excludedPinsMax: 500,
  /** Answers of one user that are remembered, and the pins of all of them. */
  servedAnswersMax: 50,
  servedPinsMax: 5_000,
  /** Pins on a board, newest first, that ideas for it leave out. */
  boardPinsMax: 100_000,
  seedsPerWalkMax: 10_000,
})
