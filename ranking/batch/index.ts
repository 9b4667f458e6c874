export { type BookOptions, bookDefaults, ListBook } from './list-book.ts'
export { decodeChunk, encodeChunk, type ListChunk, type UserList, userKey } from './list-chunk.ts'
export { chunkOf, ListRun, listLength, listMsMax, listsFolder, type RunFacts } from './list-run.ts'
