export { checkDense, degreesOf, type GramOptions, gramOf, transposed } from './gram.ts'
export { invertPositive } from './invert.ts'
export { type LeadingEigen, leadingEigen } from './leading-eigen.ts'
