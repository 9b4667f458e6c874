/**
 * The kernel that solves ridge regressions, one a row, as implicit ALS has them: with F the rows of
 * the other side that a row is saved with, x = (diag(D) + F'F)^-1 F'1, where D is positive.
 *
 * A row with few saves, n up to the dimensions d, is solved in its saves: with P = F D^-1/2 it is x
 * = D^-1/2 P' (I + PP')^-1 1, an n by n matrix instead of d by d. Either way a symmetric matrix is
 * summed, factored and solved in place; sums and factors go by tiles of 4 by 8 in registers. Which
 * way hangs on n alone, so a row's bits do not depend on the other rows.
 *
 * Everything lies in one imported memory; `models/ials/ials-memory.ts` says where.
 */

export { bind, solveRows } from './rows'
