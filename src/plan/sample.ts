/** Sampling by position: which records a sample holds, by a rule that SQL can state too. */
import { createHash } from 'node:crypto'

/**
 * Whether a record is in the sample: the first 52 bits of an MD5 of seed and position, read as a fraction. The same
 * in SQL, and the same however the input was cut.
 */
export function isSampled(seed: string, fraction: number, position: readonly unknown[]): boolean {
  // columns that a union added for its other branches are null and say nothing
  const text = [seed, ...position.filter((part) => part !== null)].join('/')
  return createHash('md5').update(text).digest('hex').slice(0, 13) < sampleThreshold(fraction)
}

/** The hash at which a sample ends, as 13 hexadecimal digits; above all hashes for a fraction of 1. */
export const sampleThreshold = (fraction: number): string =>
  fraction >= 1
    ? 'g'
    : Math.floor(fraction * 2 ** 52)
        .toString(16)
        .padStart(13, '0')
