/** Running a job from a program: `run(job, options)` returns a handle at once. */
import { EventEmitter } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { engineOf } from '../engines/engines.ts'
import { VerifyingEngine } from '../engines/verifying.ts'
import { DstreamsError } from '../errors.ts'
import { durationOf, textOf } from '../interval/duration.ts'
import { type Plan, requireCompiled, sourcesOf } from '../plan/plan.ts'
import { BlockFiles } from '../store/block-files.ts'
import { buildPlan, type Job } from '../stream/job.ts'
import type { ParameterValues } from '../stream/parameters.ts'
import { type Clock, systemClock } from './clock.ts'
import { Driver } from './driver.ts'
import type { Events, Listener, Summary } from './events.ts'

/** How one run of a job goes. */
export interface RunOptions {
  /** What computes: `duckdb` (default) or `memory`, which runs every function as it is and suits unit tests. */
  readonly engine?: 'duckdb' | 'memory'
  readonly params?: ParameterValues
  /** Another interval than the job's own: `100ms`. */
  readonly interval?: string
  /** Where the job keeps what must survive; a temporary directory, removed at the end, where it is left out. */
  readonly dir?: string
  /**
   * When the job ends by itself: `drained` (everything there is has been read; intervals then follow each other
   * without waiting), a duration (`30s`), or a number of intervals (`20i`). Without it when its sources have ended for
   * good, or when it is stopped.
   */
  readonly until?: string
  /** How the `stdout` sink prints: tables for people, or NDJSON. */
  readonly format?: 'table' | 'ndjson'
  /** Where the `stdout` sink prints to; standard output where it is left out. */
  readonly print?: (text: string) => void | Promise<void>
  /** Directory that relative paths are relative to; the current one where it is left out. */
  readonly directory?: string
  /**
   * Computes everything that calls functions twice, and stops with the name of the step whose rows differ: for tests of
   * a job, since it takes more than twice the time.
   */
  readonly verify?: boolean
  /** Refuses the job where a function of it is not compiled. */
  readonly strict?: boolean
  readonly clock?: Clock
}

/** A running job. */
export interface RunHandle {
  /** Settles when the job has ended: with its summary, or with the error that ended it. */
  readonly finished: Promise<Summary>
  /** Ends the job after the intervals under way. */
  stop(): Promise<Summary>
  /** Listens to a kind of event: `interval` once per interval, `warning`. */
  on<E extends keyof Events>(name: E, listener: Listener<E>): RunHandle
}

/**
 * Runs a job. Errors of the job itself (a bad option, a step that can't be) reject `finished` too.
 * @example
 * const running = run(wordcount, { params: { input: 'docs/*.md' }, until: 'drained' })
 * running.on('interval', ({ interval, records }) => console.error(interval.index, records))
 * const { intervals } = await running.finished
 */
export function run(job: Job, options: RunOptions = {}): RunHandle {
  const emitter = new EventEmitter()
  let stop = (): void => {}
  let isStopped = false
  const start = async (): Promise<Summary> => {
    const plan = buildPlan(job, {
      params: options.params ?? {},
      ...(options.interval === undefined ? {} : { interval: options.interval }),
    })
    const clock = options.clock ?? systemClock
    if (options.strict) requireCompiled(plan)
    const computing = await engineOf(options.engine ?? 'duckdb')
    const engine = options.verify ? new VerifyingEngine(computing) : computing
    const end = endOf(plan, options.until)
    // only now: what is refused leaves no directory behind
    const blockFiles = new BlockFiles(await blockDirectory(options))
    const driver = new Driver({
      plan,
      engine,
      verify: options.verify ?? false,
      clock,
      ...end,
      blockFiles,
      directory: resolve(options.directory ?? '.'),
      format: options.format ?? 'table',
      print: options.print ?? printToStdout,
      emit: (name, event) => void emitter.emit(name, event),
    })
    stop = () => driver.stop()
    if (isStopped) queueMicrotask(stop)
    try {
      return await driver.run()
    } finally {
      await blockFiles.clear()
    }
  }
  const finished = start()
  const handle: RunHandle = {
    finished,
    stop() {
      isStopped = true
      stop()
      return finished
    },
    on(name, listener) {
      emitter.on(name, listener as (event: unknown) => void)
      return handle
    },
  }
  return handle
}

async function blockDirectory({ dir }: RunOptions): Promise<string> {
  if (dir !== undefined) return join(resolve(dir), 'blocks')
  return mkdtemp(join(tmpdir(), 'dstreams-'))
}

/** Writes to standard output, waiting while it is full, so that a slow reader slows the job down. */
function printToStdout(text: string): void | Promise<void> {
  if (process.stdout.write(text)) return
  return new Promise((resume) => process.stdout.once('drain', () => resume()))
}

interface End {
  readonly pace: 'wall' | 'step'
  readonly lastInterval: number
  readonly endsWithSources: boolean
}

/** What `until` means for a plan. */
function endOf(plan: Plan, until: string | undefined): End {
  const sources = sourcesOf(plan)
  if (until === undefined)
    return {
      pace: 'wall',
      lastInterval: Number.POSITIVE_INFINITY,
      endsWithSources: sources.every((step) => step.source.isFinite),
    }
  if (until === 'drained') {
    for (const { name, source } of sources)
      if (!source.canEnd)
        throw new DstreamsError('DS_USAGE', {
          what: `--until drained: the source "${name}" (${source.kind} ${source.detail}) has no end.`,
          cure: 'Give a duration (--until 30s) or a number of intervals (--until 20i).',
        })
    return { pace: 'step', lastInterval: Number.POSITIVE_INFINITY, endsWithSources: true }
  }
  const count = /^(\d+)i$/.exec(until)
  const intervals = count ? Number(count[1]) : Math.ceil(durationOf(until, '--until') / plan.intervalMs)
  if (!Number.isSafeInteger(intervals) || intervals < 1)
    throw new DstreamsError('DS_USAGE', {
      what: `--until is "${until}".`,
      cure: `Give "drained", a duration such as ${textOf(10 * plan.intervalMs)}, or a number of intervals such as 20i.`,
    })
  return {
    pace: 'wall',
    lastInterval: intervals,
    endsWithSources: sources.every((step) => step.source.isFinite),
  }
}
