/** The error of a job that does not keep rejects aside. */
import { DstreamsError } from '../errors.ts'
import type { Block } from './source.ts'

export function rejectError(
  step: { readonly name: string },
  block: Block,
  ordinal: number,
  reason: string,
  text: string,
): DstreamsError {
  return new DstreamsError('DS_REJECT', {
    what: `Record ${ordinal} of ${block.partition} (source "${step.name}") does not fit: ${reason}. It reads: ${text}`,
    cure: 'Mend the input, or keep such records aside: leave out onReject: "fail" and look at .rejects.',
  })
}
