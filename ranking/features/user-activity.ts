/**
 * How much the user has saved, on a log scale: lets a model trust history more where there is more.
 */
import type { Feature } from './feature.ts'

export const userActivity: Feature = {
  name: 'user_activity',
  read: ({ request }) => Math.log1p(request.user.saves),
}
