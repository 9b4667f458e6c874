export { SimulatedDisk } from './simulated-disk.ts'
