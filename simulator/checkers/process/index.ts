export { type ProcessFault, processFaults } from '../../faults/process/process-faults.ts'
export {
  type ProcessChaosOptions,
  type ProcessFindings,
  processChaos,
  processChaosDefaults,
  type RoundResult,
} from './process-chaos.ts'
