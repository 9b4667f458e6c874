export { Arena, Stage } from './arena.ts'
export { AssertionError, assert } from './assert.ts'
export { type Clock, type EpochMs, ManualClock, systemClock } from './clock.ts'
export {
  type Config,
  environmentName,
  maskedConfig,
  readConfig,
  type SettingName,
  scriptVariables,
  settings,
} from './config.ts'
export {
  type BoardEntry,
  type DeleteEntry,
  type Entry,
  type EntryProblem,
  type EventContext,
  type EventEntry,
  entryOwner,
  entryProblem,
  isEvent,
  type PinEntry,
  type UserEntry,
} from './entry.ts'
export {
  type ErrorCode,
  type ErrorDetails,
  errorCode,
  errorTable,
  fromWire,
  PinwheelError,
  pinwheelError,
  toWire,
  type WireError,
} from './errors.ts'
export {
  type BoardIndex,
  hashBytes,
  Interner,
  type InternerMemory,
  type InternerOptions,
  idProblem,
  NONE,
  type PinIndex,
  type TagIndex,
  type UserIndex,
} from './ids.ts'
export {
  codeOf,
  DECLARED,
  type DeclaredKind,
  type DeclaredKinds,
  type EntryKind,
  EVENT_SLOTS,
  type EventKind,
  eventKinds,
  eventSlot,
  isEventCode,
  kindCode,
  kindNames,
  noDeclaredKinds,
  parseDeclaredKinds,
} from './kinds.ts'
export { limits } from './limits.ts'
export {
  createLogger,
  type Logger,
  type LogLevel,
  silentLogger,
} from './logger.ts'
export {
  type Allocator,
  f32Array,
  f64Array,
  heapAllocator,
  sharedAllocator,
  u32Array,
} from './memory.ts'
export { hash32, Random, threefry } from './random.ts'
export {
  dictionaryShape,
  flagShape,
  type IdTable,
  knownIds,
  listShape,
  nothingShape,
  numberShape,
  oneOfShape,
  optionalShape,
  recordShape,
  refShape,
  type Shape,
  ShapeError,
  type ShapeOf,
  textShape,
} from './shape.ts'
export { StateHandle, StateSchema, stateSchema } from './state.ts'
export { decodeState, encodeState, inspectState } from './state-bytes.ts'
export {
  bySpace,
  f32,
  f64,
  i32,
  type Names,
  type RingView,
  type RowFields,
  type RowView,
  ref,
  ring,
  type Space,
  type StateFields,
  type StateView,
  type TableView,
  table,
  text,
  u8,
  u16,
  u32,
  type VectorView,
  vector,
} from './state-fields.ts'
