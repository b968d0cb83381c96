/**
 * Every error of dstreams, in one table.
 *
 * An error names what was wrong (setting or step), its value, the limit, and the cure; and it says what happens
 * next. A code exists only where a caller could sensibly react to it.
 */

interface ErrorKind {
  /** Whether doing the same again may succeed. */
  readonly retriable: boolean
  /** What happens to the job. */
  readonly next: string
  /** Exit status of the command line. */
  readonly exit: number
}

const NOT_STARTED = 'The job was not started.'
const STOPPED = 'The job stopped; the interval under way was not committed.'

export const ERRORS = {
  /** A job, a step or an option is not valid. */
  DS_JOB: { retriable: false, next: NOT_STARTED, exit: 2 },
  /** The command line was not understood. */
  DS_USAGE: { retriable: false, next: NOT_STARTED, exit: 2 },
  /** The job file can't be found, read, or has no job in it. */
  DS_JOB_FILE: { retriable: false, next: NOT_STARTED, exit: 2 },
  /** A lambda can't be compiled for the engine. */
  DS_LAMBDA: { retriable: false, next: NOT_STARTED, exit: 2 },
  /** A lambda threw. */
  DS_FUNCTION: { retriable: false, next: STOPPED, exit: 1 },
  /** A source can't be opened or read. */
  DS_SOURCE: { retriable: true, next: STOPPED, exit: 1 },
  /** An input was changed in place after it had been planned. */
  DS_INPUT_CHANGED: { retriable: false, next: STOPPED, exit: 1 },
  /** A record did not fit and `onReject` is `fail`. */
  DS_REJECT: { retriable: false, next: STOPPED, exit: 1 },
  /** A sink can't be opened or written. */
  DS_SINK: { retriable: true, next: STOPPED, exit: 1 },
  /** There is no space, or no permission, where the job keeps its files. */
  DS_STORAGE: { retriable: true, next: STOPPED, exit: 1 },
  /** The engine failed in a way that is not the user's fault. */
  DS_ENGINE: { retriable: false, next: STOPPED, exit: 1 },
} as const satisfies Record<string, ErrorKind>

/** The codes of all errors; docs/errors.md says what each means. */
export type ErrorCode = keyof typeof ERRORS

/** What an error says. `what` is one sentence with the setting and its value; `cure` is one that says what to do. */
export interface ErrorParts {
  readonly what: string
  readonly cure: string
  readonly cause?: unknown
}

/** Every error that dstreams throws: what was wrong, its value, the limit and the cure. */
export class DstreamsError extends Error {
  readonly code: ErrorCode
  readonly what: string
  readonly cure: string

  constructor(code: ErrorCode, { what, cure, cause }: ErrorParts) {
    super(`${what} ${cure}`, cause === undefined ? undefined : { cause })
    this.name = 'DstreamsError'
    this.code = code
    this.what = what
    this.cure = cure
  }

  /** Whether doing the same again may succeed. */
  get retriable(): boolean {
    return ERRORS[this.code].retriable
  }

  /** What happens to the job after this error. */
  get next(): string {
    return ERRORS[this.code].next
  }

  /** Exit status of the command line for this error. */
  get exit(): number {
    return ERRORS[this.code].exit
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)

/** The system's error code (`ENOSPC`, `ENOENT` ...) of anything that was thrown, if it has one. */
export const systemCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
