/**
 * Jobs: a name, options, and a function that defines streams.
 *
 * ```ts
 * export default job('wordcount', { interval: '1s' }, (s, params) =>
 *   s.from(lines(params.input)).flatMap(line => line.split(' ')).countByValue().to('counts', stdout()))
 * ```
 * The function is called once, when the job is built with its parameters; what it defines is frozen to a plan.
 */
import { DstreamsError, messageOf } from '../errors.ts'
import { JobConstants } from '../expression/outer.ts'
import { durationOf } from '../interval/duration.ts'
import { fuse } from '../plan/fuse.ts'
import { type Plan, PlanBuilder } from '../plan/plan.ts'
import type { SourceStep } from '../plan/step.ts'
import type { Source } from '../sources/source.ts'
import { callingModule } from './calling-module.ts'
import { DStream } from './dstream.ts'
import {
  type ParameterDeclarations,
  type ParametersOf,
  type ParameterValues,
  readParameters,
} from './parameters.ts'
import type { RejectedRecord } from './records.ts'

/** How a job runs, whatever it computes. */
export interface JobOptions<P extends ParameterDeclarations = ParameterDeclarations> {
  /** Length of an interval: `100ms`, `1s`, `1m`. */
  readonly interval: string
  /** Parameters that the job takes: `{ min: 'number', input: { default: 'logs/*.log' } }`; without it all are strings. */
  readonly params?: P
}

/** A job: what `dstreams run` takes as the default export of a file, and `run()` takes as a value. */
export interface Job {
  readonly name: string
  readonly options: JobOptions
  readonly define: (s: Scope, params: any) => unknown
  /** The text of the module that it is written in, where that can be had. */
  readonly module: () => string | undefined
  readonly [JOB]: true
}
const JOB: unique symbol = Symbol.for('dstreams.job')

/**
 * Declares a job. Nothing runs until `run(job)` or `dstreams run`.
 * @param name names the job in logs and stores: letters, digits, `-`, `_` and `.`
 * @param define defines the streams; it may be called more than once and must define the same steps each time
 */
export function job<const P extends ParameterDeclarations = {}>(
  name: string,
  options: JobOptions<P>,
  define: (s: Scope, params: ParametersOf<P>) => unknown,
): Job {
  if (!/^[\w.-]{1,100}$/.test(name))
    throw new DstreamsError('DS_JOB', {
      what: `The name of the job is "${name}".`,
      cure: 'Use 1 to 100 letters, digits, "-", "_" and ".".',
    })
  return Object.freeze({
    name,
    options,
    define,
    module: callingModule(job),
    [JOB]: true as const,
  })
}

/** Whether a value is a job, whichever copy of the package made it. */
export const isJob = (value: unknown): value is Job =>
  typeof value === 'object' && value !== null && JOB in value

/** Where a job's streams begin. */
export class Scope {
  readonly #builder: PlanBuilder

  /** @internal */
  constructor(builder: PlanBuilder) {
    this.#builder = builder
  }

  /**
   * The stream of a source's records.
   * @param name name of the source's step; the kind of source where it is left out
   * @example s.from(ndjsonFiles('in/*.ndjson', { user: 'string', ms: 'number' }))
   */
  from<T>(source: Source<T>, name?: string): DStream<T, RejectedRecord> {
    const id = this.#builder.nextId
    const step: Omit<SourceStep, 'id' | 'name'> = {
      kind: 'source',
      flow: 'stream',
      type: source.type,
      key: undefined,
      parents: [],
      source,
      output: 'records',
      of: id,
    }
    return new DStream<T, RejectedRecord>(this.#builder, this.#builder.add<SourceStep>(step, name))
  }
}

export interface BuildOptions {
  /** Parameters as given on the command line or to `run`. */
  readonly params?: ParameterValues
  /** Another interval than the job's own. */
  readonly interval?: string
}

/** Builds the plan of a job. Throws an error that names the step for what can't work. */
export function buildPlan(job: Job, { params = {}, interval }: BuildOptions = {}): Plan {
  const intervalMs = durationOf(interval ?? job.options.interval, 'The interval')
  const values = readParameters(job.options.params, params)
  const outer = new JobConstants({ ...job, params: values })
  const builder = new PlanBuilder(job.name, intervalMs, outer)
  define(job, new Scope(builder), values)
  return fuse(builder.freeze())
}

/** Calls the job's function; what it throws by itself is told as the job's error. */
function define(job: Job, scope: Scope, parameters: unknown): void {
  try {
    job.define(scope, parameters)
  } catch (cause) {
    if (cause instanceof DstreamsError) throw cause
    throw new DstreamsError('DS_JOB', {
      what: `The function of job ${job.name} threw: ${messageOf(cause)}.`,
      cure: 'Mend it; --verbose shows where it threw.',
      cause,
    })
  }
}
