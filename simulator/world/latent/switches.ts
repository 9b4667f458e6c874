/**
 * What a world has. That a generation gains by something can be tried in a world without it: then
 * the gain must vanish.
 */
export type WorldSwitches = {
  /** The look of a pin, which no tag tells, matters. */
  readonly look: boolean
  /** Some pins are better than others, whoever sees them. */
  readonly quality: boolean
  /** New pins are liked better. */
  readonly freshness: boolean
  /** Topics come into fashion and go out of it. */
  readonly trends: boolean
  /** A visit is about something. */
  readonly intent: boolean
  /** Interests change over weeks. */
  readonly drift: boolean
  /** Hour and device shift what is liked. */
  readonly context: boolean
  /** Pins are born while the world runs; else all are there from its start. */
  readonly coldPins: boolean
  /** What stands lower is seen less. */
  readonly positionBias: boolean
  /** More of a topic is liked less. */
  readonly satiation: boolean
  /** Tags are missing and wrong, as people's are. */
  readonly tagErrors: boolean
  /** Pictures and titles tell of a pin. */
  readonly pictures: boolean
  /** People differ: else every pin is as good as any other for everybody. */
  readonly taste: boolean
}

export const everySwitch: WorldSwitches = Object.freeze({
  look: true,
  quality: true,
  freshness: true,
  trends: true,
  intent: true,
  drift: true,
  context: true,
  coldPins: true,
  positionBias: true,
  satiation: true,
  tagErrors: true,
  pictures: true,
  taste: true,
})
