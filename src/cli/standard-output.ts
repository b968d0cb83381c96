/** Standard output: full, it makes who prints wait; closed by its reader (`| head`), it takes everything and is silent. */

export class StandardOutput {
  #isClosed = false
  #onClosed: () => void = () => {}
  /** Goes on with who waits for room. */
  #resume: () => void = () => {}

  constructor() {
    process.stdout.on('drain', () => this.#resume())
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      // any other failure (a full disk behind `> file`) has to be told
      if (error.code !== 'EPIPE') throw error
      this.#isClosed = true
      this.#resume()
      this.#onClosed()
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  onClosed(callback: () => void): void {
    this.#onClosed = callback
  }

  print(text: string): void | Promise<void> {
    if (this.#isClosed || process.stdout.write(text)) return
    return new Promise((resume) => {
      this.#resume = resume
    })
  }
}
