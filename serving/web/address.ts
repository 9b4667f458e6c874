/** The page's state that is worth a link: `?user=u12&generation=mixed`. */
import type { GenerationName } from './api.ts'

export type Place = { readonly user?: string; readonly generation: GenerationName }

export const generations: readonly {
  readonly name: GenerationName
  readonly label: string
  readonly about: string
}[] = [
  { name: 'mixed', label: 'Mixed', about: 'Walks, neighbours and tags under a learned ranker' },
  { name: 'deep', label: 'Deep', about: 'Ten thousand candidates under a deep network' },
  { name: 'collaborative', label: 'Neighbours', about: 'People who saved this also saved …' },
  { name: 'tags', label: 'Tags', about: 'Pins that share tags with yours' },
]

export function readPlace(search: string): Place {
  const query = new URLSearchParams(search)
  const user = query.get('user') ?? ''
  const named = query.get('generation')
  const generation = generations.find(({ name }) => name === named)?.name ?? 'mixed'
  return user === '' ? { generation } : { user, generation }
}

export function writePlace({ user, generation }: Place): string {
  const query = new URLSearchParams()
  if (user !== undefined) query.set('user', user)
  query.set('generation', generation)
  return `?${query}`
}
