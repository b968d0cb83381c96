/** The options that sources share, and their check: a wrong one is found when the job is built. */
import { DstreamsError } from '../errors.ts'
import type { OnReject, PerInterval } from './source.ts'

/** Options of every source. */
export interface SourceOptions {
  /** How much one interval may take; what is left waits for the next. */
  readonly perInterval?: PerInterval
  /** What happens to records that don't fit: kept in `.rejects` (the default), or the job fails. */
  readonly onReject?: OnReject
}

/** What a source understands. */
export interface Understood {
  /** Its options besides `perInterval` and `onReject`. */
  readonly options?: readonly string[]
  readonly limits: readonly (keyof PerInterval)[]
}

/**
 * Checks options given by the user.
 * @throws DS_JOB naming the setting, its value, what it may be, and the cure
 */
export function checkOptions(source: string, options: SourceOptions, understood: Understood): void {
  const names = ['perInterval', 'onReject', ...(understood.options ?? [])]
  checkNames(source, 'option', options, names)
  checkNames(source, 'perInterval', options.perInterval ?? {}, understood.limits)
  for (const [name, value] of Object.entries(options.perInterval ?? {})) {
    if (value !== undefined) checkWhole(source, `perInterval.${name}`, value, 1)
  }
  const { onReject } = options
  if (onReject !== undefined && onReject !== 'keep' && onReject !== 'fail') {
    throw wrong(source, 'onReject', onReject, "'keep' or 'fail'", 'Leave it out to keep them in `.rejects`.')
  }
}

/** Checks a setting that is a whole number of at least `least`. */
export function checkWhole(source: string, setting: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return
  throw wrong(
    source,
    setting,
    value,
    `a whole number of at least ${least}`,
    `Leave it out, or set it to ${least} or more.`,
  )
}

function checkNames(source: string, what: string, given: unknown, names: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw wrong(
      source,
      what === 'option' ? 'options' : what,
      given,
      'an object',
      `It may hold ${names.join(', ')}.`,
    )
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const setting = what === 'option' ? `option ${unknown}` : `${what}.${unknown}`
  throw new DstreamsError('DS_JOB', {
    what: `${source}: there is no ${setting}.`,
    cure: names.length === 0 ? 'Leave it out.' : `There is ${names.join(', ')}.`,
  })
}

/** The error for a setting with a value it can't have. */
export function wrong(
  source: string,
  setting: string,
  value: unknown,
  limit: string,
  cure: string,
): DstreamsError {
  const text =
    typeof value === 'string'
      ? `'${value}'`
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value)
  return new DstreamsError('DS_JOB', { what: `${source}: ${setting} is ${text}; it must be ${limit}.`, cure })
}
