/** What the command line says on standard error, and the exit status that follows from an error. */
import { DstreamsError } from '../errors.ts'

/** Status of an error that is nobody's fault but ours: EX_SOFTWARE of sysexits. */
const UNEXPECTED = 70

/** Tells an error on standard error and returns the exit status for it. */
export function reportError(error: unknown, isVerbose: boolean): number {
  if (error instanceof DstreamsError) {
    tell(`error ${error.code}: ${error.what}`)
    tell(`  ${error.cure}`)
    tell(`  ${error.next}`)
    if (isVerbose) tell(stackOf(error))
    return error.exit
  }
  tell(`error: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`)
  tell(isVerbose ? stackOf(error) : '  This was not expected. Add --verbose for where it came from.')
  return UNEXPECTED
}

/** Writes a line to standard error. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause) || String(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
