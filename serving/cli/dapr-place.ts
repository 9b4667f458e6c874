/** Where the sidecar of a process is, as Dapr tells it or flags do. */
import { pinwheelError } from '../../base/index.ts'

/** CONFIG_INVALID where nobody tells. */
export function daprOf(
  command: string,
  flag: number | undefined,
  environment: (name: string) => string | undefined,
): { readonly daprPort: number; readonly token: string | undefined } {
  const daprPort = flag ?? Number(environment('DAPR_HTTP_PORT') ?? Number.NaN)
  if (!Number.isInteger(daprPort)) {
    const problems = `${command} needs --dapr-port N or DAPR_HTTP_PORT, as dapr run sets it.`
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  return { daprPort, token: environment('DAPR_API_TOKEN') }
}
