/**
 * Functions that get a whole dataset: `transform`, and `enrich`, which waits for answers from elsewhere.
 *
 * A dataset is a bag, and the function must get the same rows in the same order each time it is computed again: those
 * of a `sortBy` in its order, all others sorted by their fields.
 */
import { DstreamsError, messageOf } from '../errors.ts'
import type { Interval } from '../interval/interval.ts'
import { type ApplyContext, conformed, type Watch } from '../plan/call.ts'
import { randomOf } from '../plan/random.ts'
import type { ApplyCalls, ApplyStep } from '../plan/step.ts'
import { compareValues } from '../schema/order.ts'
import type { Clock } from './clock.ts'

/** What calls need to know beside their rows. */
export interface Applying {
  readonly job: string
  readonly interval: Interval
  readonly clock: Pick<Clock, 'now' | 'at'>
  /** Aborted when the job ends. */
  readonly signal: AbortSignal
  readonly watch?: Watch
}

/**
 * What a step makes of the rows of an interval.
 * @param isSorted whether the rows are in an order of their own
 */
export async function apply(
  step: ApplyStep,
  rows: readonly unknown[],
  isSorted: boolean,
  applying: Applying,
): Promise<readonly unknown[]> {
  const ordered = isSorted ? rows : rows.toSorted(compareValues)
  if (!step.calls) return checked(step, call(step, ordered, applying, applying.signal, ''), applying)
  const parts: (readonly unknown[])[] = []
  for (let from = 0; from < ordered.length; from += step.calls.size)
    parts.push(ordered.slice(from, from + step.calls.size))
  const returned = await inParallel(parts, step.calls.concurrency, (part, index) =>
    enriched(step, step.calls!, part, index, applying),
  )
  return returned.flat()
}

/** One call of enrich, again where it fails: after a tenth of a second, then twice as long each time. */
async function enriched(
  step: ApplyStep,
  { retries, timeoutMs }: ApplyCalls,
  rows: readonly unknown[],
  index: number,
  applying: Applying,
): Promise<readonly unknown[]> {
  for (let attempt = 0; ; attempt++) {
    const limit = timeLimit(applying, timeoutMs)
    try {
      const returned = await Promise.race([call(step, rows, applying, limit.signal, `/${index}`), limit.over])
      return await checked(step, returned, applying)
    } catch (thrown) {
      if (thrown instanceof DstreamsError || applying.signal.aborted || attempt >= retries)
        throw failed(step, applying, thrown, attempt + 1)
      await waited(applying, 100 * 2 ** attempt)
    } finally {
      limit.end()
    }
  }
}

function call(
  { name, mode, lambda }: ApplyStep,
  rows: readonly unknown[],
  { job, interval, watch }: Applying,
  signal: AbortSignal,
  part: string,
): unknown {
  const context: ApplyContext = {
    interval,
    random: randomOf(`${job}/${name}/${interval.index}${part}`),
    params: lambda.params,
    signal,
  }
  // what it waits for is not watched: enrich has a time limit of its own
  watch?.begin(watch.register(name, mode, lambda.limitMs), interval.index)
  try {
    return lambda.fn(rows, context)
  } finally {
    watch?.end()
  }
}

/** What a function returned, held against its type. */
async function checked(step: ApplyStep, returned: unknown, applying: Applying): Promise<readonly unknown[]> {
  let rows: unknown
  try {
    rows = await returned
  } catch (thrown) {
    throw step.calls ? thrown : failed(step, applying, thrown, 1)
  }
  if (!Array.isArray(rows))
    throw failed(step, applying, new TypeError(`it returned ${typeof rows} instead of rows`), 1)
  return rows.map((row) => {
    const outcome = conformed(row, step.type)
    if (!outcome.ok) throw failed(step, applying, new TypeError(outcome.reason), 1)
    return outcome.value
  })
}

function failed(step: ApplyStep, { interval }: Applying, thrown: unknown, attempts: number): DstreamsError {
  if (thrown instanceof DstreamsError) return thrown
  const times = attempts > 1 ? ` ${attempts} times, the last time` : ''
  return new DstreamsError('DS_FUNCTION', {
    what: `The function of step "${step.name}" (${step.mode}) failed${times} in interval ${interval.index}: ${messageOf(thrown)}.`,
    cure: step.calls
      ? 'Mend what it asks, or give it more retries: { retries, timeout }.'
      : 'Handle such rows in the function.',
    cause: thrown,
  })
}

/** A signal that is aborted after a time or when the job ends, and a promise that fails then. */
function timeLimit({ clock, signal }: Applying, timeoutMs: number) {
  const controller = new AbortController()
  const over = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason))
  })
  over.catch(() => {})
  const abort = (): void => controller.abort(signal.reason)
  signal.addEventListener('abort', abort)
  const cancel = clock.at(clock.now() + timeoutMs, () =>
    controller.abort(new Error(`it took more than ${timeoutMs} ms`)),
  )
  return {
    signal: controller.signal,
    over,
    end(): void {
      cancel()
      signal.removeEventListener('abort', abort)
    },
  }
}

const waited = ({ clock, signal }: Applying, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.at(clock.now() + ms, resolve)
    signal.addEventListener('abort', () => {
      cancel()
      resolve()
    })
  })

/** Results of calls in the order of their inputs, so many at a time; the first failure ends all. */
async function inParallel<T, R>(
  inputs: readonly T[],
  concurrency: number,
  each: (input: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(inputs.length)
  let next = 0
  let isFailed = false
  const worker = async (): Promise<void> => {
    while (next < inputs.length && !isFailed) {
      const index = next++
      try {
        results[index] = await each(inputs[index]!, index)
      } catch (error) {
        isFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, inputs.length) }, worker))
  return results
}
