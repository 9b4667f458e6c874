export { goodnessOfFit } from './chi-square.ts'
export { holm } from './holm.ts'
export { studentBound, studentTail } from './student.ts'
export { type MeanDifference, pairedT, welchT } from './t-test.ts'
