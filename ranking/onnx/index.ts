export { Gemm, type Matrix, type Product } from './gemm.ts'
export { type OnnxGraph, onnxMetadata, onnxModel } from './model-builder.ts'
export { OnnxSession } from './session.ts'
