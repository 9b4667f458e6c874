export { losePower, type PowerLossFindings, type PowerLossOptions } from './power-loss.ts'
