/** Errors of sources that can't be read, and of files that changed while they were being read in place. */
import { DstreamsError, messageOf, systemCode } from '../errors.ts'

const CURES: Record<string, string> = {
  ENOENT: 'Check the path; a relative one is relative to the directory of the job.',
  EACCES: 'Allow the user that runs the job to read it.',
  EPERM: 'Allow the user that runs the job to read it.',
  EISDIR: 'Name the files in it with a glob, for example `logs/*.log`.',
  EMFILE: 'Allow more open files (ulimit -n).',
  EIO: 'The disk could not be read: check it.',
}

/** The error for a file that can't be read. */
export const readError = (path: string, cause: unknown): DstreamsError =>
  new DstreamsError('DS_SOURCE', {
    what: `${path} can't be read: ${messageOf(cause)}.`,
    cure: CURES[systemCode(cause) ?? ''] ?? 'Check the file, then start the job again.',
    cause,
  })

/** The error for a file that changed after it had been planned to be read in place. */
export const changedError = (path: string, difference: string): DstreamsError =>
  new DstreamsError('DS_INPUT_CHANGED', {
    what: `${path} changed after it had been planned: ${difference}.`,
    cure: 'Put complete files in place (write elsewhere, then rename) and leave them; append to a file only if it is still growing.',
  })

/** Runs a read; a failure becomes an error that names the file and the cure. */
export async function reading<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (cause) {
    throw cause instanceof DstreamsError ? cause : readError(path, cause)
  }
}
