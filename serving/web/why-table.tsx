/** How an answer came to hold a pin: its sources, its features, and the stages that were passed. */
import type { Feed, RecommendedPin } from './api.ts'

type Props = { readonly item: RecommendedPin; readonly feed: Feed | undefined }

export function WhyTable({ item, feed }: Props) {
  return (
    <>
      <dl class="facts">
        <Fact name="Score" value={item.score.toPrecision(3)} />
        <Fact name="Proposed by" value={item.sources.join(', ')} />
        <Fact name="Answered by" value={feed ? `${feed.generation}, ${feed.rung}` : undefined} />
        <Fact name="Model" value={feed?.model} />
      </dl>
      {item.features ? <Features features={item.features} /> : null}
      {feed?.trace ? <Trace trace={feed.trace} /> : null}
    </>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: string | undefined }) {
  if (value === undefined || value === '') return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Features({ features }: { readonly features: Readonly<Record<string, number>> }) {
  const rows = Object.entries(features).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
  const largest = Math.max(1e-9, ...rows.map(([, value]) => Math.abs(value)))
  return (
    <>
      <h4>Features</h4>
      <ul class="features">
        {rows.map(([name, value]) => (
          <li key={name}>
            <span>{name}</span>
            <span class="measure">
              <span style={{ width: `${(Math.abs(value) / largest) * 100}%` }} />
            </span>
            <span class="number">{value.toFixed(3)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Trace({ trace }: { readonly trace: NonNullable<Feed['trace']> }) {
  return (
    <>
      <h4>Stages of this answer</h4>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">In</th>
              <th scope="col">Out</th>
              <th scope="col">ms</th>
            </tr>
          </thead>
          <tbody>
            {trace.map(({ stage, kind, outcome, reason, candidatesIn, candidatesOut, ms }) => (
              <tr key={`${kind} ${stage}`} class={outcome} title={reason}>
                <th scope="row">
                  {stage} <small>{outcome === 'ok' ? kind : outcome}</small>
                </th>
                <td>{candidatesIn.toLocaleString('en')}</td>
                <td>{candidatesOut.toLocaleString('en')}</td>
                <td>{ms.toFixed(1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
