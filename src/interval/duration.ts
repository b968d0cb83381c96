/** Durations as users write them: `100ms`, `1s`, `1.5m`, `2h`, `1d`. */
import { DstreamsError } from '../errors.ts'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/**
 * Milliseconds of a duration.
 * @param what what it is the duration of, for the error: "The interval"
 */
export function durationOf(text: string, what: string): number {
  const match = DURATION.exec(text)
  const ms = match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : 0
  if (!Number.isSafeInteger(ms) || ms < 1)
    throw new DstreamsError('DS_JOB', {
      what: `${what} is "${text}", not a duration of whole milliseconds.`,
      cure: 'Write a number and a unit: 100ms, 1s, 5m, 2h, 1d.',
    })
  return ms
}

/** The shortest text of a duration of whole milliseconds. */
export function textOf(ms: number): string {
  for (const [unit, size] of Object.entries(UNITS).reverse())
    if (ms % size === 0 && ms >= size) return `${ms / size}${unit}`
  return `${ms}ms`
}
