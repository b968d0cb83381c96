/**
 * Calling a user's function for a record: with its context, and with an outcome for every case.
 *
 * A function that throws, or returns what its type does not allow, gives a reject: the record is left out, and the
 * rest goes on. Both engines call through here, so that they agree on what a reject is.
 */
import { DstreamsError, messageOf } from '../errors.ts'
import { type Intervals, intervalAt } from '../interval/interval.ts'
import { conformReturned, fitting } from '../schema/conform.ts'
import { canonical } from '../schema/order.ts'
import type { Type } from '../schema/type.ts'
import type { Context, Lambda } from './lambda.ts'
import { randomOf } from './random.ts'

/** What became of a call. */
export type Outcome = { readonly ok: true; readonly value: unknown } | Failed

/** Why a record was left out. */
export interface Failed {
  readonly ok: false
  readonly reason: string
  /** Where it was thrown; absent where the function returned what does not fit. */
  readonly stack: string | undefined
  /** What was thrown. */
  readonly cause?: unknown
}

/** Where a function is called: names for errors, the seed of random numbers, and the intervals. */
export interface Site {
  readonly job: string
  readonly step: string
  /** What the function is for: `map`, `filter`, `groupBy`. */
  readonly role: string
  intervals(): Intervals
  /** Who is told of every call. */
  readonly watch?: Watch | undefined
}

/** Watches calls, for one that never returns. */
export interface Watch {
  /** Makes a function known; the number is what its calls are told by. */
  register(step: string, role: string, limitMs: number): number
  begin(id: number, interval: number): void
  end(): void
}

/** The last argument of functions that get whole datasets. */
export interface ApplyContext<P = Readonly<Record<string, unknown>>> extends Context<P> {
  /** Aborted when the call took too long, or the job ends. */
  readonly signal: AbortSignal
}

/** Where a record stands: its interval, and its position as a text. */
export interface RecordPlace {
  readonly interval: number
  readonly position: string
}

/** A position as a text: its parts; those of a union's other branches are null and say nothing. */
export const positionText = (position: readonly unknown[]): string =>
  position.filter((part) => part !== null).join('/')

/**
 * A caller of one function. Its results have the function's declared type, or are canonical where none is known.
 * @param asIs whether the result is only read field by field, so that one that fits need not be made anew
 */
export function callerOf(
  lambda: Lambda,
  site: Site,
  asIs = false,
): (record: unknown, place: RecordPlace) => Outcome {
  const { fn, onReject } = lambda
  const finish = finisher(lambda, asIs)
  const takesContext = lambda.context.size > 0
  const { watch } = site
  const id = watch?.register(site.step, site.role, lambda.limitMs) ?? 0
  const call = (record: unknown, place: RecordPlace): Outcome => {
    watch?.begin(id, place.interval)
    try {
      return finish(takesContext ? fn(record, contextOf(lambda, site, place)) : fn(record))
    } catch (thrown) {
      // what is no reject of this record: the plan's own errors
      if (thrown instanceof DstreamsError) throw thrown
      return { ok: false, reason: messageOf(thrown), stack: stackOf(thrown), cause: thrown }
    } finally {
      watch?.end()
    }
  }
  if (onReject === 'reject') return call
  return (record, place) => {
    const outcome = call(record, place)
    if (!outcome.ok) throw failure(site, outcome, record)
    return outcome
  }
}

const ok = (value: unknown): Outcome => ({ ok: true, value })

/** What is made of what the function returned. */
function finisher(
  { purpose, compiled, type }: Pick<Lambda, 'purpose' | 'compiled' | 'type'>,
  asIs: boolean,
): (returned: unknown) => Outcome {
  if (purpose === 'test') return (returned) => ok(Boolean(returned))
  if (purpose === 'list' && !type)
    return (returned) =>
      Array.isArray(returned) ? ok(canonical(returned)) : notFitting(`${String(returned)} is no list`)
  if (type && asIs) {
    const fits = fitting(type)
    const finish = finisher({ purpose, compiled, type }, false)
    return (returned) => (fits(returned) ? ok(returned) : finish(returned))
  }
  // a compiled function returns what it was compiled to
  if (!type || compiled.ok) return (returned) => ok(canonical(returned, type))
  return (returned) => conformed(returned, type)
}

/** A value that a function returned, held against its type; made canonical where that is not known. */
export function conformed(returned: unknown, type: Type | undefined): Outcome {
  if (!type) return ok(canonical(returned))
  if (returned instanceof Promise)
    return {
      ok: false,
      reason: 'it returned a Promise: asynchronous work belongs in enrich or forEach',
      stack: undefined,
    }
  const result = conformReturned(returned, type)
  return result.ok ? result : notFitting(result.reason)
}

const notFitting = (reason: string): Outcome => ({
  ok: false,
  reason: `it returned what does not fit: ${reason}`,
  stack: undefined,
})

/** Own frames only: what is below the function is the engine's. */
function stackOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || thrown.stack === undefined) return undefined
  const lines = thrown.stack.split('\n')
  const end = lines.findIndex((line) => /[\\/](plan[\\/]call|engines[\\/]\w+[\\/]\w+)\.[jt]s/.test(line))
  return (end === -1 ? lines : lines.slice(0, end)).join('\n')
}

function contextOf(lambda: Lambda, site: Site, { interval, position }: RecordPlace): Context {
  let random: (() => number) | undefined
  return {
    get interval() {
      return intervalAt(site.intervals(), interval)
    },
    random() {
      random ??= randomOf(`${site.job}/${site.step}/${position}`)
      return random()
    },
    params: lambda.params,
  }
}

/** The error that stops the job where a reject is not wanted, or can't be. */
export function failure(
  { step, role }: Pick<Site, 'step' | 'role'>,
  { reason, cause }: Pick<Failed, 'reason' | 'cause'>,
  record: unknown,
): DstreamsError {
  return new DstreamsError('DS_FUNCTION', {
    what: `A function of step "${step}" (${role}) failed: ${reason}. The record was ${recordText(record)}.`,
    cure: 'Handle such records in the function, or filter them out before this step.',
    cause,
  })
}

const RECORD_LENGTH_MAX = 200
/** A record for people, shortened. */
export function recordText(record: unknown): string {
  const text = JSON.stringify(record) ?? String(record)
  return text.length > RECORD_LENGTH_MAX ? `${text.slice(0, RECORD_LENGTH_MAX)}...` : text
}
