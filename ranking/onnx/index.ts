export { Gemm, type Matrix, type Product } from './gemm.ts'
export {
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
  onnxMetadata,
  onnxModel,
} from './model-builder.ts'
export { type Bindings, type Numbers, OnnxProgram } from './program.ts'
export { OnnxSession } from './session.ts'
