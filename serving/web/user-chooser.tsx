/**
 * Whose feed: a button that opens a box with a search field over a list (the ARIA combobox
 * pattern). Any id can be typed; one that nobody has seen gets the feed of a newcomer.
 */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { UserSummary } from './api.ts'
import { hueOf } from './art.ts'
import { Icon } from './icons.tsx'

const SHOWN_MAX = 60

type Props = {
  readonly user: string | undefined
  readonly users: readonly UserSummary[]
  readonly onChoose: (user: string) => void
}
type Choice = { readonly id: string; readonly about: string }

/** What the list offers for a text: ids that contain it, beginnings first, and the text itself. */
export function choicesFor(text: string, users: readonly UserSummary[]): readonly Choice[] {
  const wanted = text.trim().toLowerCase()
  const rank = ({ id }: UserSummary) => id.toLowerCase().indexOf(wanted)
  const found = users
    .filter((user) => rank(user) >= 0)
    .sort((a, b) => Number(rank(a) > 0) - Number(rank(b) > 0))
    .slice(0, SHOWN_MAX)
    .map(({ id, saves }) => ({ id, about: saves === 1 ? '1 save' : `${saves} saves` }))
  const typed = text.trim()
  if (typed === '' || found.some(({ id }) => id === typed)) return found
  return [...found, { id: typed, about: 'open this id' }]
}

export function Avatar({ name }: { readonly name: string }) {
  const style = { backgroundColor: `oklch(0.5 0.11 ${hueOf(name)})` }
  return (
    <span class="avatar" style={style} aria-hidden="true">
      {name
        .replace(/^u(?=\d)/, '')
        .slice(0, 2)
        .toUpperCase()}
    </span>
  )
}

export function UserChooser({ user, users, onChoose }: Props) {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!open) return
    const away = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', away)
    document.addEventListener('focusin', away)
    return () => {
      document.removeEventListener('pointerdown', away)
      document.removeEventListener('focusin', away)
    }
  }, [open])

  const shut = () => {
    setOpen(false)
    box.current?.querySelector('button')?.focus()
  }
  return (
    <div class="chooser" ref={box}>
      <button
        type="button"
        class="chooser-button"
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => setOpen(!open)}
      >
        {user === undefined ? null : <Avatar name={user} />}
        <span class="chooser-name">{user ?? 'Choose a user'}</span>
        <Icon name="down" />
        <span class="hidden-text">Choose another user</span>
      </button>
      {open ? (
        <ChooserBox
          users={users}
          onShut={shut}
          onChoose={(id) => {
            shut()
            onChoose(id)
          }}
        />
      ) : null}
    </div>
  )
}

type BoxProps = Pick<Props, 'users' | 'onChoose'> & { readonly onShut: () => void }

function ChooserBox({ users, onChoose, onShut }: BoxProps) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const name = useId()
  const field = useRef<HTMLInputElement>(null)
  const choices = choicesFor(text, users)
  const optionId = (i: number) => `${name}-${i}`

  // Before anything is painted: what is typed next belongs into the field.
  useLayoutEffect(() => field.current?.focus(), [])
  useEffect(() => {
    document.getElementById(optionId(at))?.scrollIntoView({ block: 'nearest' })
  }, [at])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setAt((choices.length + at + step) % Math.max(1, choices.length))
    } else if (event.key === 'Enter') {
      // The button gets the focus back; this very key must not press it.
      event.preventDefault()
      const chosen = choices[at]
      if (chosen) onChoose(chosen.id)
    } else if (event.key === 'Escape') onShut()
  }
  return (
    <div class="chooser-box" role="dialog" aria-label="Choose a user">
      <div class="field">
        <Icon name="search" />
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-label="User id"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={name}
          aria-activedescendant={choices.length > 0 ? optionId(at) : undefined}
          placeholder="Search, or type any id"
          autocomplete="off"
          spellcheck={false}
          maxLength={200}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={name} class="choices" role="listbox" aria-label="Users" tabIndex={-1}>
        {choices.map(({ id, about }, i) => (
          <button
            key={id}
            id={optionId(i)}
            type="button"
            role="option"
            class="choice"
            aria-selected={i === at}
            tabIndex={-1}
            onClick={() => onChoose(id)}
            onPointerMove={() => setAt(i)}
          >
            <Avatar name={id} />
            <span class="choice-id">{id}</span>
            <span class="choice-about">{about}</span>
          </button>
        ))}
      </div>
    </div>
  )
}
