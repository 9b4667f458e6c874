/**
 * Loaded into a program (`node --import`) whose standard input is a pipe from who started it: when
 * that process is gone, killed or not, the pipe ends, and so does the program.
 */
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.stdin.on('end', () => process.exit(1)).resume()
  // The program ends by itself, too. A pipe is a socket.
  ;(process.stdin as typeof process.stdin & { unref(): void }).unref()
}
