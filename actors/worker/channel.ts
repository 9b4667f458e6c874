import type { MessagePort, Worker } from 'node:worker_threads'

/**
 * The ring between a host's main thread and a worker, as a port: ordered, both ways. A message port
 * of Node carries it today; shared-memory rings and a simulator's own may take its place.
 */
export interface Channel<Out, In> {
  /** Sends a message; `transfer` changes hands with it. Messages arrive in order. */
  post(message: Out, transfer?: ArrayBuffer[]): void
  onMessage(listener: (message: In) => void): void
  close(): void
}

/** A channel over a MessagePort or a Worker. */
export function channelOver<Out, In>(
  port: MessagePort | Worker,
  close: () => void,
): Channel<Out, In> {
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    onMessage: (listener) => {
      port.on('message', listener)
    },
    close,
  }
}
