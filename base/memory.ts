/**
 * Where big arrays come from. A port, so that the same structure can lie in ordinary memory, in
 * memory shared between threads, or (later) inside a WebAssembly memory.
 *
 * Both allocators give zeroed memory that the system commits page by page when first touched:
 * reserving a generous capacity costs address space, not resident bytes.
 */
export type Allocator = (byteLength: number) => ArrayBufferLike

export const heapAllocator: Allocator = (byteLength) => new ArrayBuffer(byteLength)
export const sharedAllocator: Allocator = (byteLength) => new SharedArrayBuffer(byteLength)

/** A Uint32Array of `length` words from `allocate`. */
export const u32Array = (allocate: Allocator, length: number) =>
  new Uint32Array(allocate(length * 4))
/** A Float32Array of `length` words from `allocate`. */
export const f32Array = (allocate: Allocator, length: number) =>
  new Float32Array(allocate(length * 4))
/** A Float64Array of `length` words from `allocate`. */
export const f64Array = (allocate: Allocator, length: number) =>
  new Float64Array(allocate(length * 8))
