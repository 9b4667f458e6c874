/** What every command is made of. */
import type { Command } from 'commander'
import type { Config } from '../../base/index.ts'

export type CommandContext = {
  /** The configuration from flags, environment and defaults; CONFIG_INVALID. */
  readonly config: (flags: Readonly<Record<string, unknown>>) => Config
  /** A variable that another program sets for this one, like DAPR_HTTP_PORT. */
  readonly environment: (name: string) => string | undefined
  /** All variables, for programs that it starts. */
  readonly variables: () => Readonly<Record<string, string | undefined>>
  /** Sets the exit code. */
  readonly finish: (code: number) => void
}

/** Adds a command to the program. */
export type AddCommand = (program: Command, context: CommandContext) => void
