export { Arena } from './arena.ts'
export { decodeState, encodeState } from './bytes.ts'
export {
  bySpace,
  f32,
  f64,
  i32,
  type Names,
  type OptionalView,
  optional,
  type RingView,
  type RowFields,
  type RowView,
  ref,
  ring,
  type Space,
  type StateFields,
  type StateView,
  spaces,
  type TableView,
  type TrailView,
  table,
  text,
  trail,
  u8,
  u16,
  u32,
  type VectorView,
  vector,
} from './fields.ts'
export { ROW_HEADER_WORDS } from './layout.ts'
export { Page, type PageOptions, Place } from './page.ts'
export {
  aloneOnItsPage,
  blankRow,
  eachRef,
  fillState,
  inspectState,
  plainState,
} from './plain.ts'
export { RowPages } from './row-pages.ts'
export {
  imageOffset,
  type Migration,
  type PlainState,
  placeOf,
  StateHandle,
  StateSchema,
  stateSchema,
} from './state.ts'
export { isWholeState, StoredStates, storedMark } from './stored.ts'
