/**
 * Cutting files: what of the files that match a glob enters an interval.
 *
 * At each cut the files are listed once; what is unread is taken in order of path, then generation, until a limit
 * is reached. A file nothing of which was taken and that is left alone is taken whole and read in place; anything
 * else up to its last whole record is copied into a block file. Which file is which partition, through rotation, is
 * decided in file-partitions.ts; where records end, in file-pieces.ts.
 */
import type { Stats } from 'node:fs'
import { access, constants, type FileHandle, stat } from 'node:fs/promises'
import { systemCode } from '../errors.ts'
import type { Interval } from '../interval/interval.ts'
import { listFiles } from './file-listing.ts'
import { type FilePartition, FilePartitions, UNFINISHED_WAIT_MS } from './file-partitions.ts'
import {
  copyBytes,
  endsWithLineEnd,
  findLineEnd,
  findPiece,
  headCanGrow,
  headOf,
  type Piece,
} from './file-pieces.ts'
import { identify } from './in-place.ts'
import { reading } from './read-error.ts'
import { LF, type TextFormat } from './record-scan.ts'
import type { Block, Cut, OpenSource, PerInterval, SourceContext } from './source.ts'

/** How many bytes of files an interval takes if the user sets no limit: 256 MiB. */
export const BYTES_PER_INTERVAL = 256 * 1024 * 1024
/** How long a file has to be left alone to be complete: for a packed one to be read, and others when the job drains. */
export const SETTLED_MS = 2_000
/** How long, in a job that goes on, before it is read in place: a log that is written now and then is copied instead. */
export const IN_PLACE_MS = 60_000
// a file changed since then may be a log that is being written: its beginning is noted and it is kept open
const RECENT_MS = 3_600_000

// how long a listing serves while a backlog is cut
const LISTED_MS = 500

/** What is left of the limits of one interval. */
interface Budget {
  files: number
  bytes: number
  records: number
  /** Whether nothing was taken yet: then a file or record that alone exceeds the limit is taken all the same. */
  untouched: boolean
}

/** What became of one partition in one cut: what was taken, if anything, and whether the limit ends the cut. */
interface Taken {
  readonly block?: Block
  readonly full?: boolean
}

export class FileCuts implements OpenSource {
  readonly #pattern: string
  readonly #format: TextFormat
  readonly #perInterval: PerInterval
  readonly #context: SourceContext
  readonly #partitions: FilePartitions
  #draining = false
  #nowMs = 0
  #listedMs = Number.NEGATIVE_INFINITY
  /** Whether the last cut ended at a limit. */
  #wasFull = false

  constructor(pattern: string, format: TextFormat, perInterval: PerInterval, context: SourceContext) {
    this.#pattern = pattern
    this.#format = format
    this.#perInterval = perInterval
    this.#context = context
    this.#partitions = new FilePartitions(context.warn)
  }

  async cut(_interval: Interval, draining: boolean): Promise<Cut> {
    this.#draining = draining
    this.#nowMs = this.#context.now()
    await this.#look()
    const blocks: Block[] = []
    const budget = this.#newBudget()
    let full = false
    for (const partition of this.#partitions.unread()) {
      let taken: Taken
      try {
        taken = await reading(partition.file, () => this.#take(partition, budget))
      } catch (error) {
        if (blocks.length === 0) throw error
        // what was taken before is not lost by it: the next cut meets the error again
        return { blocks, more: true, ended: false }
      }
      if (taken.block) {
        blocks.push(taken.block)
        budget.untouched = false
        budget.files--
        budget.bytes -= taken.block.bytes
        budget.records -= taken.block.records ?? budget.records
      }
      full = taken.full === true || budget.files <= 0 || budget.bytes <= 0 || budget.records <= 0
      if (full) break
    }
    this.#wasFull = full
    const unread = this.#partitions.unread()
    return { blocks, more: full && (await this.#anyTakeable(unread)), ended: unread.length === 0 }
  }

  /** Lists the files, unless they were listed just now and settled files are waiting that the last cut could not take. */
  async #look(): Promise<void> {
    if (this.#wasFull && this.#nowMs - this.#listedMs < LISTED_MS) {
      const unread = this.#partitions.unread()
      if (unread.length > 0 && unread.every((partition) => this.#unchangedMs(partition) >= SETTLED_MS)) return
    }
    await this.#partitions.observe(await listFiles(this.#pattern, this.#context.directory), this.#nowMs)
    this.#listedMs = this.#nowMs
  }

  done(): void {}

  async close(): Promise<void> {
    await this.#partitions.open.closeAll()
  }

  #newBudget(): Budget {
    const { files, bytes, records } = this.#perInterval
    const none = Number.POSITIVE_INFINITY
    return {
      files: files ?? none,
      bytes: bytes ?? BYTES_PER_INTERVAL,
      records: records ?? none,
      untouched: true,
    }
  }

  async #take(partition: FilePartition, budget: Budget): Promise<Taken> {
    const { size, offset, gzip } = partition
    const settled = this.#unchangedMs(partition) >= SETTLED_MS
    if (gzip) {
      if (!settled && !this.#draining) return {}
      if (size > budget.bytes && !budget.untouched) return { full: true }
      return this.#takeInPlace(partition)
    }
    const fits =
      size <= (this.#perInterval.bytes ?? BYTES_PER_INTERVAL) && this.#perInterval.records === undefined
    const isLeftAlone = settled && (this.#draining || this.#unchangedMs(partition) >= IN_PLACE_MS)
    if (offset === 0 && isLeftAlone && fits && partition.listed && (await this.#endsWhole(partition))) {
      // worth waiting for the next interval, which spares the copy
      return size > budget.bytes ? { full: true } : this.#takeInPlace(partition)
    }
    return this.#takePiece(partition, budget)
  }

  #unchangedMs(partition: FilePartition): number {
    return this.#nowMs - partition.changedMs
  }

  /** Whether a last line without its line end counts as whole. */
  #takeUnfinished(partition: FilePartition): boolean {
    return this.#draining || this.#unchangedMs(partition) >= UNFINISHED_WAIT_MS
  }

  async #endsWhole(partition: FilePartition): Promise<boolean> {
    if (this.#takeUnfinished(partition)) return true
    // the last line end may be inside a quoted cell, which only a scan can tell
    if (this.#format === 'csv') return false
    const handle = await this.#partitions.open.get(partition)
    return handle !== undefined && endsWithLineEnd(handle, partition.size)
  }

  async #takeInPlace(partition: FilePartition): Promise<Taken> {
    const { file, name, size, gzip } = partition
    const stats = await lookAt(file)
    // gone or changed since it was listed: the next listing decides what it is
    if (!stats) return {}
    const inPlace = identify(stats)
    if (inPlace.inode !== partition.inode || inPlace.size !== size || inPlace.mtimeMs !== partition.mtimeMs)
      return {}
    if (!gzip && !this.#draining && this.#unchangedMs(partition) < RECENT_MS) {
      const handle = await this.#partitions.open.get(partition)
      if (handle) partition.head = await headOf(handle, size)
    }
    partition.offset = size
    partition.searched = size
    partition.records = undefined
    const block: Block = {
      format: this.#format,
      partition: name,
      from: 0,
      records: undefined,
      bytes: size,
      path: file,
      inPlace,
    }
    return { block: gzip ? { ...block, compression: 'gzip' } : block }
  }

  async #takePiece(partition: FilePartition, budget: Budget): Promise<Taken> {
    const handle = await this.#partitions.open.get(partition)
    if (!handle) return {}
    if (partition.records === undefined) await this.#countTaken(partition, handle)
    if (!(await this.#hasLineEnd(partition, handle))) return {}
    const piece = await findPiece(handle, {
      format: this.#format,
      from: partition.offset,
      to: partition.size,
      maxBytes: budget.bytes,
      maxRecords: budget.records,
      takeFirst: budget.untouched,
      headed: this.#format === 'csv' && partition.headerEnd === 0,
      takeUnfinished: this.#takeUnfinished(partition),
    })
    const block = piece.records === 0 ? undefined : await this.#copy(partition, handle, piece)
    // it became shorter meanwhile: the next listing decides what it is
    if (piece.records > 0 && !block) return {}
    if (piece.headerEnd > 0) partition.headerEnd = piece.headerEnd
    partition.offset += piece.bytes
    partition.records = partition.records! + piece.records
    partition.searched = piece.limited ? partition.offset : partition.size
    if (headCanGrow(partition.head, partition.offset)) partition.head = await headOf(handle, partition.offset)
    return { ...(block && { block }), full: piece.limited }
  }

  /** Counts what was read in place, now that the file has grown. */
  async #countTaken(partition: FilePartition, handle: FileHandle): Promise<void> {
    const { records, headerEnd } = await findPiece(handle, {
      format: this.#format,
      from: 0,
      to: partition.offset,
      maxBytes: Number.POSITIVE_INFINITY,
      maxRecords: Number.POSITIVE_INFINITY,
      takeFirst: true,
      headed: this.#format === 'csv',
      takeUnfinished: true,
    })
    partition.records = records
    partition.headerEnd = headerEnd
  }

  /** Whether something can be taken by copying. What was searched once is not searched again, however long the line. */
  async #hasLineEnd(partition: FilePartition, handle: FileHandle): Promise<boolean> {
    if (this.#takeUnfinished(partition)) return true
    if ((await findLineEnd(handle, Math.max(partition.offset, partition.searched), partition.size)) !== -1)
      return true
    partition.searched = partition.size
    return false
  }

  async #copy(partition: FilePartition, handle: FileHandle, piece: Piece): Promise<Block | undefined> {
    const { offset, headerEnd, name } = partition
    const csv = this.#format === 'csv'
    const odd = piece.bom && offset > 0 && !csv
    const target = await this.#context.blockFiles.create(this.#context.step, EXTENSIONS[this.#format])
    let lead = 0
    let copied = 0
    try {
      if (csv && headerEnd > 0) lead = await copyBytes(handle, 0, headerEnd, target)
      // a blank line in front: where nothing was taken before, a byte order mark would be taken for the file's own
      else if (odd) lead = await target.write(Buffer.of(LF))
      copied = await copyBytes(handle, offset, offset + piece.bytes, target)
    } finally {
      await target.close()
      if (copied < piece.bytes) await this.#context.blockFiles.remove(target.path)
    }
    if (copied < piece.bytes) return undefined
    const block: Block = {
      format: this.#format,
      partition: name,
      from: partition.records!,
      records: piece.records,
      bytes: lead + piece.bytes,
      path: target.path,
    }
    return odd ? { ...block, odd } : block
  }

  async #anyTakeable(unread: readonly FilePartition[]): Promise<boolean> {
    for (const partition of unread) {
      if (partition.gzip) {
        if (this.#draining || this.#unchangedMs(partition) >= SETTLED_MS) return true
        continue
      }
      const handle = await this.#partitions.open.get(partition)
      if (handle && (await this.#hasLineEnd(partition, handle))) return true
    }
    return false
  }
}

/** How a file looks that can be read; `undefined` if it is gone. */
async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    await access(path, constants.R_OK)
    return await stat(path)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined
    throw cause
  }
}

const EXTENSIONS: Record<TextFormat, string> = { lines: '.txt', ndjson: '.ndjson', csv: '.csv' }
