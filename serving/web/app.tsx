/** The page: who is looked at and through which recommender stands in the address. */
import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Place, readPlace, writePlace } from './address.ts'
import { ApiError, fetchUsers, type UserSummary } from './api.ts'
import { FeedView } from './feed-view.tsx'
import { GenerationSwitch } from './generation-switch.tsx'
import { Logo } from './icons.tsx'
import { KeyDialog } from './key-dialog.tsx'
import { type Message, Toast } from './toast.tsx'
import { UserChooser } from './user-chooser.tsx'

const USERS_LISTED = 500

export function App() {
  const { place, go } = usePlace()
  const [users, setUsers] = useState<readonly UserSummary[]>([])
  const [locked, setLocked] = useState(false)
  const [unlocks, setUnlocks] = useState(0)
  const [message, setMessage] = useState<Message>()

  const onError = useCallback((error: ApiError) => {
    if (error.code === 'KEY_REQUIRED') setLocked(true)
    else setMessage({ text: error.message, kind: 'problem' })
  }, [])
  const onGone = useCallback(() => setMessage(undefined), [])

  useEffect(() => {
    fetchUsers(USERS_LISTED).then(setUsers, (cause: unknown) => {
      if (cause instanceof ApiError) onError(cause)
    })
  }, [unlocks, onError])
  // A first visit opens a feed at once; the choice comes after the sight of it.
  const first = users[0]?.id
  useEffect(() => {
    if (place.user === undefined && first !== undefined) go({ ...place, user: first }, 'replace')
  }, [place, first, go])
  useEffect(() => {
    document.title = place.user === undefined ? 'Pinwheel' : `For ${place.user} · Pinwheel`
  }, [place.user])

  return (
    <>
      <header class="bar">
        <a class="brand" href="/">
          <Logo />
          <span>Pinwheel</span>
        </a>
        <UserChooser
          user={place.user}
          users={users}
          onChoose={(user) => go({ ...place, user }, 'push')}
        />
        <GenerationSwitch
          value={place.generation}
          onChange={(generation) => go({ ...place, generation }, 'push')}
        />
      </header>
      {place.user === undefined ? (
        <main />
      ) : (
        <FeedView
          key={`${place.user} ${unlocks}`}
          user={place.user}
          generation={place.generation}
          onError={onError}
          onMessage={setMessage}
        />
      )}
      {locked ? (
        <KeyDialog
          onKey={() => {
            setLocked(false)
            setUnlocks((count) => count + 1)
          }}
        />
      ) : null}
      <Toast message={message} onGone={onGone} />
    </>
  )
}

function usePlace() {
  const [place, setPlace] = useState<Place>(() => readPlace(location.search))
  useEffect(() => {
    const back = () => setPlace(readPlace(location.search))
    window.addEventListener('popstate', back)
    return () => window.removeEventListener('popstate', back)
  }, [])
  const go = useCallback((next: Place, how: 'push' | 'replace') => {
    const address = writePlace(next)
    if (how === 'push') history.pushState(null, '', address)
    else history.replaceState(null, '', address)
    setPlace(next)
    window.scrollTo({ top: 0 })
  }, [])
  return { place, go }
}
