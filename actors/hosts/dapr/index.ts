export { DaprHost, type DaprHostOptions } from './dapr-host.ts'
export { encodeFront } from './front.ts'
