/** One short message at the foot of the page, read out by screen readers, gone after a while. */
import { useEffect } from 'preact/hooks'
import { later } from './browser.ts'

const LIFE_MS = 7_000

export type Message = {
  readonly text: string
  readonly kind: 'done' | 'problem'
  readonly undo?: () => void
}
type Props = { readonly message: Message | undefined; readonly onGone: () => void }

export function Toast({ message, onGone }: Props) {
  useEffect(() => (message ? later(LIFE_MS, onGone) : undefined), [message, onGone])
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {message ? (
        <div class={`toast ${message.kind}`}>
          <span>{message.text}</span>
          {message.undo ? (
            <button
              type="button"
              onClick={() => {
                message.undo?.()
                onGone()
              }}
            >
              Undo
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  )
}
