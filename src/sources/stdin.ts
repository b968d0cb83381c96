/** Lines from standard input, or from any stream of bytes; ends where the stream ends. */
import { STRING } from '../schema/type.ts'
import { checkOptions, checkWhole } from './limits.ts'
import { Receiver, type Sender, WAITING_BYTES } from './receiver.ts'
import type { Source } from './source.ts'
import type { ReceivingOptions } from './tcp.ts'

export interface StdinOptions extends ReceivingOptions {
  /** Another stream to read in its place. */
  readonly input?: Sender
}

/**
 * The lines of standard input.
 * @example
 * s.from(stdinLines()) // cat access.log | dstreams run job.ts
 */
export function stdinLines(options: StdinOptions = {}): Source<string> {
  checkOptions('stdinLines', options, { options: ['waitingBytes', 'input'], limits: ['records', 'bytes'] })
  const { perInterval = {}, waitingBytes = WAITING_BYTES, onReject = 'keep' } = options
  checkWhole('stdinLines', 'waitingBytes', waitingBytes, 1)
  return {
    kind: 'stdinLines',
    detail: '-',
    type: STRING,
    format: 'lines',
    onReject,
    canEnd: true,
    isFinite: true,
    open: async (context) => {
      const receiver = new Receiver({ context, partition: '-', perInterval, waitingBytes })
      receiver.receive(options.input ?? process.stdin, 'standard input')
      receiver.expectNoMore()
      return receiver
    },
  }
}
