/** Lines from wherever: what to read is told by the scheme. */
import { textFiles } from './files.ts'
import { checkOptions, wrong } from './limits.ts'
import type { Source } from './source.ts'
import { stdinLines } from './stdin.ts'
import { type ReceivingOptions, tcpLines } from './tcp.ts'

/**
 * Options of `lines`. Those that don't apply to what is read are left out of account, so that the same job reads a
 * port today and files tomorrow: `waitingBytes` for files, `perInterval.files` for a port and standard input.
 */
export type LinesOptions = ReceivingOptions

/**
 * Lines from a port (`tcp://host:port`), standard input (`-`), or the files that match a glob.
 * @example
 * s.from(lines(params.input)) // --param input=tcp://localhost:9999, or input=-, or input='logs/*.log'
 */
export function lines(where: string, options: LinesOptions = {}): Source<string> {
  checkOptions('lines', options, { options: ['waitingBytes'], limits: ['files', 'records', 'bytes'] })
  const { waitingBytes: _, ...ofFiles } = options
  const { files: __, ...perInterval } = options.perInterval ?? {}
  const received: ReceivingOptions = { ...options, perInterval }
  if (typeof where === 'string' && where.startsWith('tcp://')) return tcpLines(where, received)
  if (where === '-') return stdinLines(received)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(String(where))?.[1]
  if (scheme !== undefined) {
    throw wrong('lines', 'where', where, 'tcp://host:port, - or a glob', `There is no source for ${scheme}.`)
  }
  return textFiles(where, ofFiles)
}
