/**
 * Standard output. Full, it makes who prints wait; closed by its reader (`| head`), it takes everything and is silent;
 * failing for another reason (a full disk behind `> file`), it fails who prints next.
 */
import { DstreamsError, messageOf, systemCode } from '../errors.ts'

export class StandardOutput {
  #isClosed = false
  #failure: DstreamsError | undefined
  #onClosed: () => void = () => {}
  /** Goes on with who waits for room. */
  #resume: () => void = () => {}

  constructor() {
    process.stdout.on('drain', () => this.#resume())
    process.stdout.on('error', (cause) => this.#onError(cause))
    // there is nobody left to tell that nobody reads what is told
    process.stderr.on('error', () => {})
  }

  /** Whether its reader is gone. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  onClosed(callback: () => void): void {
    this.#onClosed = callback
  }

  async print(text: string): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#isClosed || process.stdout.write(text)) return
    await new Promise<void>((resume) => {
      this.#resume = resume
    })
    if (this.#failure) throw this.#failure
  }

  /** Waits until everything that was printed is out. */
  async flush(): Promise<void> {
    if (!this.#isClosed && !this.#failure)
      await new Promise<void>((done) => process.stdout.write('', () => done()))
    // the error event of a write comes after its callback
    await new Promise((next) => setImmediate(next))
    if (this.#failure) throw this.#failure
  }

  #onError(cause: Error): void {
    this.#isClosed = systemCode(cause) === 'EPIPE'
    if (!this.#isClosed)
      this.#failure = new DstreamsError('DS_SINK', {
        what: `Standard output can't be written: ${messageOf(cause)}.`,
        cure: 'Check where it goes: free space there, or choose another file.',
        cause,
      })
    this.#resume()
    this.#onClosed()
  }
}
