/** Asks for the server's key; it is kept for this tab only. */
import { useEffect, useRef } from 'preact/hooks'
import { keyStore } from './api.ts'

export function KeyDialog({ onKey }: { readonly onKey: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      class="ask"
      aria-labelledby="key-title"
      onCancel={(e) => e.preventDefault()}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          keyStore.set(field.current?.value ?? '')
          onKey()
        }}
      >
        <h2 id="key-title">This server needs a key</h2>
        <p>It is what the operator set as PINWHEEL_KEY. It stays in this tab.</p>
        <input
          ref={field}
          type="password"
          aria-label="Key"
          autocomplete="current-password"
          required
        />
        <button type="submit" class="save">
          Continue
        </button>
      </form>
    </dialog>
  )
}
