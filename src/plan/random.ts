/** Random numbers that are a function of a text: the same wherever and however often they are drawn again. */
import { createHash } from 'node:crypto'

/**
 * A generator of numbers from 0 up to 1 (sfc32), seeded by the MD5 of a text.
 * @param seed names what the numbers are for: job, step and position
 */
export function randomOf(seed: string): () => number {
  const digest = createHash('md5').update(seed).digest()
  let [a, b, c, d] = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)) as [
    number,
    number,
    number,
    number,
  ]
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  // 53 bits, as many as a double between 0 and 1 can hold
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53
}
