/**
 * A port that clients send lines to. TCP acknowledges nothing to the sender: what a client has sent and the job has
 * not received when it is killed is lost. A client that sends faster than the job works is slowed down.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { DstreamsError, messageOf, systemCode } from '../errors.ts'
import type { Interval } from '../interval/interval.ts'
import { STRING } from '../schema/type.ts'
import { checkOptions, checkWhole, type SourceOptions, wrong } from './limits.ts'
import { Receiver, WAITING_BYTES } from './receiver.ts'
import type { Cut, OpenSource, Source, SourceContext } from './source.ts'

/** How many clients may be connected at a time. */
export const CLIENTS_MAX = 1024
// a client whose machine is gone is noticed after about so long
const KEEP_ALIVE_MS = 60_000

/** Options of sources that receive. */
export interface ReceivingOptions extends SourceOptions {
  /** How many received bytes may wait for the end of their interval before senders are held back; 64 MiB if not given. */
  readonly waitingBytes?: number
}

/** The lines that clients send to a port, in order of arrival. */
export interface TcpSource extends Source<string> {
  open(context: SourceContext): Promise<OpenTcp>
}

/**
 * Listens on a port for lines.
 * @param url `tcp://host:port`; port 0 lets the system choose, see `OpenTcp.address`
 * @example
 * s.from(tcpLines('tcp://localhost:9999'))
 */
export function tcpLines(url: string, options: ReceivingOptions = {}): TcpSource {
  checkOptions('tcpLines', options, { options: ['waitingBytes'], limits: ['records', 'bytes'] })
  const { waitingBytes = WAITING_BYTES } = options
  checkWhole('tcpLines', 'waitingBytes', waitingBytes, 1)
  const { host, port } = parseAddress(url)
  return {
    kind: 'tcpLines',
    detail: url,
    type: STRING,
    format: 'lines',
    onReject: options.onReject ?? 'keep',
    canEnd: false,
    isFinite: false,
    open: async (context) => {
      const { perInterval = {} } = options
      const receiver = new Receiver({ context, partition: url, perInterval, waitingBytes })
      const server = await listen(host, port, url)
      return new OpenTcp(server, receiver, context)
    },
  }
}

/** A port that is open. */
export class OpenTcp implements OpenSource {
  readonly #server: Server
  readonly #receiver: Receiver
  readonly #sockets = new Set<Socket>()

  constructor(server: Server, receiver: Receiver, context: SourceContext) {
    this.#server = server
    this.#receiver = receiver
    server.on('connection', (socket) => this.#connect(socket))
    server.on('error', (cause) => context.fail(listenError(this.address, cause)))
    server.once('drop', () =>
      context.warn(`${this.address}: more than ${CLIENTS_MAX} clients at a time; the others are turned away`),
    )
  }

  /** Where it listens, with the port that the system chose: `tcp://127.0.0.1:40123`. */
  get address(): string {
    const bound = this.#server.address()
    if (bound === null || typeof bound === 'string') return 'tcp (closed)'
    return `tcp://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
  }

  /** Bytes received that wait for the end of their interval. */
  get waitingBytes(): number {
    return this.#receiver.waitingBytes
  }

  /** Whether clients are held back. */
  get paused(): boolean {
    return this.#receiver.paused
  }

  cut(interval: Interval, draining: boolean): Promise<Cut> {
    return this.#receiver.cut(interval, draining)
  }

  done(interval: number): void {
    this.#receiver.done(interval)
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#receiver.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    this.#receiver.receive(socket, `client ${socket.remoteAddress}:${socket.remotePort}`)
  }
}

function parseAddress(url: string): { readonly host: string; readonly port: number } {
  const found = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^:/?#@\s]+):(\d{1,5})$/.exec(String(url))
  const port = Number(found?.[2])
  if (!found || port > 65_535) {
    throw wrong('tcpLines', 'url', url, 'tcp://host:port', 'Write for example tcp://localhost:9999.')
  }
  return { host: found[1]!.replace(/^\[|\]$/g, ''), port }
}

function listen(host: string, port: number, url: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.maxConnections = CLIENTS_MAX
    const onError = (cause: Error): void => reject(listenError(url, cause))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      resolve(server)
    })
  })
}

const CURES: Record<string, string> = {
  EADDRINUSE: 'Another program listens there: stop it, or choose another port.',
  EACCES: 'Ports below 1024 need special rights: choose a higher one.',
  EADDRNOTAVAIL: 'This machine has no such address: use 0.0.0.0 for all of its addresses, or localhost.',
  ENOTFOUND: 'Check the host name: use 0.0.0.0 for all addresses of this machine, or localhost.',
}

const listenError = (url: string, cause: unknown): DstreamsError =>
  new DstreamsError('DS_SOURCE', {
    what: `${url} can't be listened on: ${messageOf(cause)}.`,
    cure: CURES[systemCode(cause) ?? ''] ?? 'Check the address.',
    cause,
  })
