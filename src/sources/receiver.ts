/**
 * Receiving: bytes that come by themselves (clients of a port, standard input) become block files.
 *
 *   sender 1  ab LF c|...            whole lines, in order of arrival      closed blocks      one cut
 *   sender 2  d LF e LF|...     ->   the block being filled: ab d e   ->   [ 0 ) [ 1 )   ->   takes what the limits allow
 *
 * All senders are one partition. Only whole lines enter a block, so that no two senders' lines mix; what follows the
 * last LF waits with its sender. A line too long to be held gets a block of its own, which enters the row when the
 * line ends; past `MAX_RECORD_BYTES` the rest of it is dropped, since it is a reject whatever it holds.
 *
 * Back-pressure: bytes that were received, and are not part of a finished interval yet, count as waiting. Above
 * `waitingBytes` nobody is read from; nothing is dropped. A long line under way does not count: it could neither be
 * cut nor, if its sender were held back, ever end.
 */
import type { Interval } from '../interval/interval.ts'
import { LineFeed, type LongLine } from './line-feed.ts'
import { ReceivedBlock } from './received-block.ts'
import { LF, MAX_RECORD_BYTES, RecordScanner } from './record-scan.ts'
import type { Block, Cut, OpenSource, PerInterval, SourceContext } from './source.ts'

/** How many received bytes may wait for the end of their interval before senders are held back: 64 MiB. */
export const WAITING_BYTES = 64 * 1024 * 1024
// one byte beyond the limit, so that the record is rejected, and a CR that may be part of the line end
const KEPT_BYTES = MAX_RECORD_BYTES + 2

const LINE_END = Buffer.of(LF)

/** What is received from: a socket, or standard input. */
export interface Sender {
  on(event: string, listener: (...given: any[]) => void): unknown
  off(event: string, listener: (...given: any[]) => void): unknown
  pause(): unknown
  resume(): unknown
}

export interface ReceiverOptions {
  readonly context: SourceContext
  readonly partition: string
  readonly perInterval: PerInterval
  readonly waitingBytes: number
}

export class Receiver implements OpenSource {
  readonly #context: SourceContext
  readonly #partition: string
  readonly #maxRecords: number
  readonly #maxBytes: number
  readonly #waitingMax: number
  // each with what detaches it
  readonly #senders = new Map<Sender, () => void>()
  readonly #longLines = new Set<ReceivedBlock>()
  readonly #closed: Promise<Block>[] = []
  readonly #cutBytes = new Map<number, number>()
  #filling: ReceivedBlock | undefined
  #records = 0
  #waitingBytes = 0
  #paused = false
  #allCame = false
  #saidTooLong = false
  #failure: Error | undefined

  constructor({ context, partition, perInterval, waitingBytes }: ReceiverOptions) {
    this.#context = context
    this.#partition = partition
    this.#maxRecords = perInterval.records ?? Number.POSITIVE_INFINITY
    this.#maxBytes = perInterval.bytes ?? Number.POSITIVE_INFINITY
    this.#waitingMax = waitingBytes
  }

  /** Bytes that wait for the end of the interval which they belong to, or will belong to. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Whether senders are held back. */
  get paused(): boolean {
    return this.#paused
  }

  /** Receives from a sender until it ends, as well as from all others. */
  receive(sender: Sender, name: string): void {
    const feed = new LineFeed({
      lines: (bytes) => this.#append(bytes),
      beginLong: () => this.#beginLong(name),
    })
    const onData = (chunk: Buffer | string): void => {
      feed.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
      this.#holdBack()
    }
    const onEnd = (): void => {
      if (!this.#senders.delete(sender)) return
      feed.end()
      this.#holdBack()
    }
    const onError = (error: Error): void => {
      if (this.#senders.has(sender))
        this.#context.warn(`${name}: ${error.message}; what came before that is kept`)
      onEnd()
    }
    this.#senders.set(sender, () => {
      sender.off('data', onData)
      sender.off('end', onEnd)
      sender.off('close', onEnd)
    })
    sender.on('error', onError)
    sender.on('end', onEnd)
    sender.on('close', onEnd)
    sender.on('data', onData)
    if (this.#paused) sender.pause()
  }

  /** Says that no other sender will come: the source has ended when all that came is given out. */
  expectNoMore(): void {
    this.#allCame = true
  }

  async cut(interval: Interval, _draining: boolean): Promise<Cut> {
    this.#closeFilling()
    const blocks: Block[] = []
    let [records, bytes] = [0, 0]
    while (this.#closed.length > 0) {
      const next = await this.#closed[0]!.catch((error: Error) => this.#failure ?? error)
      if (next instanceof Error) {
        if (blocks.length === 0) throw next
        // what was taken before is not lost by it: the next cut meets the error again
        break
      }
      const exceeds = records + next.records! > this.#maxRecords || bytes + next.bytes > this.#maxBytes
      if (blocks.length > 0 && exceeds) break
      this.#closed.shift()
      blocks.push(next)
      records += next.records!
      bytes += next.bytes
    }
    if (bytes > 0) this.#cutBytes.set(interval.index, bytes)
    const empty = this.#closed.length === 0 && !this.#filling && this.#senders.size === 0
    const ended = empty && this.#allCame
    const cut = { blocks, more: this.#closed.length > 0, ended }
    return blocks.length === 0 && !ended ? { ...cut, waiting: true } : cut
  }

  done(interval: number): void {
    for (const [index, bytes] of this.#cutBytes) {
      if (index > interval) continue
      this.#cutBytes.delete(index)
      this.#waitingBytes -= bytes
    }
    this.#holdBack()
  }

  async close(): Promise<void> {
    for (const [sender, detach] of this.#senders) {
      detach()
      sender.pause()
    }
    this.#senders.clear()
    this.#closeFilling()
    await Promise.allSettled([...this.#closed, ...[...this.#longLines].map((block) => block.abandon())])
  }

  /** Takes whole lines, closing the block that is being filled whenever the next line would exceed a limit. */
  #append(lines: Buffer): void {
    const scanner = new RecordScanner('lines')
    let from = 0
    let records = 0
    for (let start = 0; start < lines.length; ) {
      const next = scanner.next(lines, start)
      const more = scanner.blank ? 0 : 1
      const block = this.#filling
      const [recordsBefore, bytesBefore] = [
        (block?.records ?? 0) + records,
        (block?.bytes ?? 0) + start - from,
      ]
      const exceeds = recordsBefore + more > this.#maxRecords || bytesBefore + next - start > this.#maxBytes
      if (exceeds && recordsBefore > 0) {
        this.#fill(lines.subarray(from, start), records)
        this.#closeFilling()
        from = start
        records = 0
      }
      records += more
      start = next
    }
    this.#fill(lines.subarray(from), records)
  }

  #fill(bytes: Buffer, records: number): void {
    // blank lines between blocks need not be kept
    if (!this.#filling && records === 0) return
    this.#filling ??= this.#newBlock()
    this.#waitingBytes -= this.#filling.bytes
    this.#filling.append(bytes, records)
    this.#waitingBytes += this.#filling.bytes
  }

  #newBlock(): ReceivedBlock {
    const { blockFiles, step } = this.#context
    return new ReceivedBlock(blockFiles, step, (error) => this.#fail(error))
  }

  #closeFilling(): void {
    if (this.#filling) this.#close(this.#filling)
    this.#filling = undefined
  }

  /** Closes a block: the next in the row. */
  #close(block: ReceivedBlock): void {
    const closing = block.close(this.#partition, this.#records)
    this.#records += block.records
    // whoever cuts will see it
    closing.catch((error) => this.#fail(error))
    this.#closed.push(closing)
  }

  #beginLong(sender: string): LongLine {
    const block = this.#newBlock()
    this.#longLines.add(block)
    let size = 0
    return {
      append: (bytes) => {
        block.append(bytes.subarray(0, Math.max(0, KEPT_BYTES - size)), 0)
        size += bytes.length
      },
      end: () => {
        this.#longLines.delete(block)
        block.append(LINE_END, 1)
        if (size > KEPT_BYTES) this.#sayTooLong(sender, size)
        this.#closeFilling()
        this.#waitingBytes += block.bytes
        this.#close(block)
      },
    }
  }

  #sayTooLong(sender: string, size: number): void {
    if (this.#saidTooLong) return
    this.#saidTooLong = true
    this.#context.warn(
      `${sender} sent a line of ${size} bytes; lines of more than ${MAX_RECORD_BYTES} are rejects, of which only the beginning is kept`,
    )
  }

  /** Holds senders back while too much waits. */
  #holdBack(): void {
    const pause = this.#waitingBytes > this.#waitingMax
    if (pause === this.#paused) return
    this.#paused = pause
    for (const sender of this.#senders.keys()) {
      if (pause) sender.pause()
      else sender.resume()
    }
  }

  #fail(error: Error): void {
    if (this.#failure) return
    this.#failure = error
    this.#context.fail(error)
  }
}
