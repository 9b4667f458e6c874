/** The thread of `growCircles`: grows one graph and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { growSeedGraph, type SeedGraphOptions } from './seed-graph.ts'

parentPort?.postMessage(growSeedGraph(workerData as SeedGraphOptions))
