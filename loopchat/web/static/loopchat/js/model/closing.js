/** @file What a close code means for this client. */

/**
 * 4500–4999 say: do not come back. Everything else (lost, restarted, too slow …) is repeated.
 * @param {number} code
 */
export function comesBack(code) {
  return code < 4500 || code > 4999
}

export const SIGNED_OUT = 4501
export const DISABLED = 4503
