/** @file How long to wait before the next attempt to connect. */

const FIRST_MS = 500
const CAP_MS = 30_000

/**
 * Full jitter: anything between nothing and 0.5 s × 2ⁿ, at most 30 s, so that many clients do not
 * come back in step.
 * @param {number} attempt 0 for the first one
 * @param {() => number} random
 */
export function backoff(attempt, random = Math.random) {
  return Math.round(random() * Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt, 16)))
}
