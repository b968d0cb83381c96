/** Counting the calls of users' functions that failed, between one look and the next. */
import type { Failed, Site } from '../plan/call.ts'

/** Calls of one function that failed. A dataset that is computed twice counts twice. */
export interface FunctionFailures {
  readonly step: string
  /** What the function is for: `map`, `filter`, `groupBy`. */
  readonly role: string
  readonly calls: number
  /** Why the first of them failed. */
  readonly reason: string
}

export class Failures {
  #counts = new Map<string, FunctionFailures>()

  add({ step, role }: Pick<Site, 'step' | 'role'>, { reason }: Pick<Failed, 'reason'>): void {
    const name = JSON.stringify([step, role])
    const found = this.#counts.get(name)
    this.#counts.set(name, found ? { ...found, calls: found.calls + 1 } : { step, role, calls: 1, reason })
  }

  /** What was counted since the last time. */
  take(): readonly FunctionFailures[] {
    const counts = [...this.#counts.values()]
    this.#counts = new Map()
    return counts
  }
}
