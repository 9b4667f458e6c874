export { SimulatedDisk } from './simulated-disk.ts'
export { SimulatedProcess, Stalled, VirtualTime } from './virtual-time.ts'
