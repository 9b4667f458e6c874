/**
 * What this room uses of WebAssembly; TypeScript has its types only together with the browser's.
 */
declare namespace WebAssembly {
  type MemoryDescriptor = {
    readonly initial: number
    readonly maximum: number
    readonly shared?: boolean
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor)
    readonly buffer: ArrayBufferLike
    grow(pages: number): number
  }
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(
      module: Module,
      imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    )
    readonly exports: Readonly<Record<string, unknown>>
  }
}
