export { checkDense, type GramOptions, gramOf } from './gram.ts'
export { invertPositive } from './invert.ts'
export { type LeadingEigen, leadingEigen } from './leading-eigen.ts'
export { degreesOf, distinct, type Rows, rowOf, rowsFrom, transposed } from './rows.ts'
