/** Which generation of recommender answers: a row of radio buttons. */
import { generations } from './address.ts'
import type { GenerationName } from './api.ts'

type Props = {
  readonly value: GenerationName
  readonly onChange: (generation: GenerationName) => void
}

export function GenerationSwitch({ value, onChange }: Props) {
  return (
    <fieldset class="switch">
      <legend class="hidden-text">Recommender</legend>
      {generations.map(({ name, label, about }) => (
        <label key={name} title={about}>
          <input
            type="radio"
            name="generation"
            value={name}
            checked={value === name}
            onChange={() => onChange(name)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}
