export { DaprHost, type DaprHostOptions, encodeFront } from './dapr-host.ts'
