/** A block that is being received: filled in memory, written to its file in large pieces, then closed for good. */
import type { BlockFile, BlockFiles } from '../store/block-files.ts'
import { beginsWithBom, LF } from './record-scan.ts'
import type { Block } from './source.ts'

// small enough to hold, large enough that a write costs little per line
const WRITE_BYTES = 256 * 1024

export class ReceivedBlock {
  records = 0
  bytes = 0
  readonly #createFile: () => Promise<BlockFile>
  #odd = false
  #pieces: Uint8Array[] = []
  #pieceBytes = 0
  #file: BlockFile | undefined
  // the writes so far, one after the other
  #written: Promise<void> = Promise.resolve()

  constructor(blockFiles: BlockFiles, step: string, onFailure: (error: Error) => void) {
    this.#createFile = () => blockFiles.create(step, '.txt')
    this.#onFailure = onFailure
  }
  readonly #onFailure: (error: Error) => void

  /** Adds bytes that hold so many records. */
  append(bytes: Uint8Array, records: number): void {
    if (this.bytes === 0 && beginsWithBom(bytes)) {
      // it is no mark, for it does not begin what its sender sent; a blank line in front keeps it from being taken for one
      this.#odd = true
      this.#add(Buffer.of(LF))
    }
    this.#add(bytes)
    this.records += records
    if (this.#pieceBytes >= WRITE_BYTES) this.#write()
  }

  /** Writes what is left and closes the file. `from` is the ordinal of the first record. */
  async close(partition: string, from: number): Promise<Block> {
    this.#write()
    await this.#written
    await this.#file!.close()
    const { records, bytes } = this
    const block: Block = { format: 'lines', partition, from, records, bytes, path: this.#file!.path }
    return this.#odd ? { ...block, odd: true } : block
  }

  /** Closes the file of a block that is not needed. */
  async abandon(): Promise<void> {
    await this.#written.catch(() => {})
    await this.#file?.close()
  }

  #add(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
    this.#pieceBytes += bytes.length
    this.bytes += bytes.length
  }

  #write(): void {
    const pieces = this.#pieces
    this.#pieces = []
    this.#pieceBytes = 0
    this.#written = this.#written.then(async () => {
      this.#file ??= await this.#createFile()
      await this.#file.write(Buffer.concat(pieces))
    })
    this.#written.catch(this.#onFailure)
  }
}
