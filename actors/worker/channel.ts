import type { MessagePort, Worker } from 'node:worker_threads'

/**
 * Messages between a host's main thread and a worker, as a port: ordered, both ways. Blocks of
 * records go through a ring of their own (`block-ring.ts`).
 */
export interface Channel<Out, In> {
  /** Messages arrive in order. */
  post(message: Out): void
  onMessage(listener: (message: In) => void): void
  close(): void
}

/** A channel over a MessagePort or a Worker. */
export function channelOver<Out, In>(
  port: MessagePort | Worker,
  close: () => void,
): Channel<Out, In> {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', listener)
    },
    close,
  }
}
