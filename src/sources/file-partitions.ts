/**
 * Which partition a file on disk is: the part of reading growing files that has to recognise rotation.
 *
 *   app.log (inode 7)  --rename-->  app.log.1 (inode 7)     the same partition, goes on where it was
 *                                   app.log   (inode 9)     the next generation of the path: partition `app.log#2`
 *   app.log (inode 7)  --copytruncate-->  app.log (7)       shorter, or another beginning: the next generation too
 *   app.log (inode 7)  --moved away, deleted-->             read to its end through the handle that is still open
 *
 * A partition is named by the path at which its first record was read, and keeps that name. Inodes only recognise a
 * file from one listing to the next; they are given out again by the system, so its beginning is compared as well.
 */
import type { FoundFile } from './file-listing.ts'
import { type Head, headOf } from './file-pieces.ts'
import { OpenFiles } from './open-files.ts'

/** One generation of a file's path, and how far it has been taken. */
export interface FilePartition {
  readonly path: string
  readonly generation: number
  /** The partition's name: the path, from the second generation on with `#2`, `#3` ... */
  readonly name: string
  readonly inode: number
  readonly device: number
  readonly gzip: boolean
  /** Where the file is now, absolute. */
  file: string
  size: number
  mtimeMs: number
  /** When it last changed: as the file says, or when a change was seen, which needs no common clock. */
  changedMs: number
  /** Whether the last listing had it. */
  listed: boolean
  /** When it was first missing from a listing. */
  goneMs: number | undefined
  /** Bytes taken. */
  offset: number
  /** Records taken; `undefined` while they have not been counted, after the file was read in place. */
  records: number | undefined
  /** Up to where no line end has been found after `offset`. */
  searched: number
  /** Where the header of a csv file ends. */
  headerEnd: number
  /** What the file's beginning looks like; known once something was taken by copying. */
  head: Head | undefined
}

// How long a file that is gone is remembered, should it come back under another name, or be missing only because
// it was renamed while the directory was being read.
const GONE_REMEMBERED_MS = 600_000
/** How long a file has to be left alone for its last line to count as whole. */
export const UNFINISHED_WAIT_MS = 60_000

export class FilePartitions {
  readonly open = new OpenFiles<FilePartition>()
  readonly #byFile = new Map<string, FilePartition>()
  // per path its last generation; kept even after the file is forgotten, so that no position is given out twice
  readonly #generations = new Map<string, number>()
  readonly #warn: (message: string) => void

  constructor(warn: (message: string) => void) {
    this.#warn = warn
  }

  /** Those that may hold something unread, in order of path, then generation. */
  unread(): FilePartition[] {
    const unread = [...this.#byFile.values()].filter((partition) => partition.size > partition.offset)
    return unread.sort(
      (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || a.generation - b.generation,
    )
  }

  /** Takes note of a listing. */
  async observe(found: readonly FoundFile[], nowMs: number): Promise<void> {
    for (const partition of this.#byFile.values()) partition.listed = false
    for (const file of found) {
      const key = keyOf(file)
      const known = this.#byFile.get(key)
      // another name of the same file (a link): it is read once
      if (known?.listed) continue
      if (known && (await this.#isSame(known, file))) this.#update(known, file, nowMs)
      else {
        if (known) {
          // an unread file that only has another name now is read under that one
          if (file.size < known.size || known.offset > 0)
            this.#warnOfUnread(known, 'was truncated or replaced')
          await this.#giveUp(known)
        }
        this.#byFile.set(key, this.#begin(file, nowMs))
      }
    }
    for (const partition of [...this.#byFile.values()])
      if (!partition.listed) await this.#follow(partition, nowMs)
  }

  #begin(file: FoundFile, nowMs: number): FilePartition {
    const generation = (this.#generations.get(file.name) ?? 0) + 1
    this.#generations.set(file.name, generation)
    return {
      path: file.name,
      generation,
      name: partitionName(file.name, generation),
      inode: file.inode,
      device: file.device,
      gzip: file.name.endsWith('.gz'),
      file: file.path,
      size: file.size,
      mtimeMs: file.mtimeMs,
      // a time in the future says nothing
      changedMs: Math.min(file.mtimeMs, nowMs),
      listed: true,
      goneMs: undefined,
      offset: 0,
      records: 0,
      searched: 0,
      headerEnd: 0,
      head: undefined,
    }
  }

  /** Whether a file with a partition's inode is that partition's file, grown at most. */
  async #isSame(partition: FilePartition, file: FoundFile): Promise<boolean> {
    if (file.size === partition.size && file.mtimeMs === partition.mtimeMs) return true
    if (file.size < partition.offset) return false
    // nothing was taken: it may as well be known by its present name
    if (partition.offset === 0) return file.path === partition.file
    const { head } = partition
    if (!head) return true
    if (!this.open.has(partition)) partition.file = file.path
    const handle = await this.open.get(partition)
    // moved on since the listing: the next one decides
    if (!handle) return true
    return (await headOf(handle, head.length)).hash === head.hash
  }

  #update(partition: FilePartition, file: FoundFile, nowMs: number): void {
    const changed = file.size !== partition.size || file.mtimeMs !== partition.mtimeMs
    if (changed) partition.changedMs = nowMs
    if (changed && partition.gzip && partition.offset > 0) {
      this.#warn(
        `${file.path} changed after it was read; compressed files are read once, so the change is left out`,
      )
      partition.offset = file.size
    }
    partition.file = file.path
    partition.size = file.size
    partition.mtimeMs = file.mtimeMs
    partition.listed = true
    partition.goneMs = undefined
  }

  /** A file that is not listed any more: read on through its handle, or given up. */
  async #follow(partition: FilePartition, nowMs: number): Promise<void> {
    partition.goneMs ??= nowMs
    if (this.open.has(partition)) {
      const handle = await this.open.get(partition)
      const { size, mtimeMs } = await handle!.stat()
      if (size !== partition.size || mtimeMs !== partition.mtimeMs) partition.changedMs = nowMs
      partition.size = Math.max(size, partition.offset)
      partition.mtimeMs = mtimeMs
      const quiet = nowMs - Math.max(partition.changedMs, partition.goneMs) >= UNFINISHED_WAIT_MS
      if (quiet && partition.size === partition.offset) await this.open.close(partition)
      return
    }
    this.#warnOfUnread(partition, 'is gone')
    partition.size = partition.offset
    if (nowMs - partition.goneMs >= GONE_REMEMBERED_MS) await this.#giveUp(partition)
  }

  /** Forgets a partition whose file is gone or holds something else now. */
  async #giveUp(partition: FilePartition): Promise<void> {
    const { path, generation } = partition
    // a generation of which nothing was taken need not be counted
    if (partition.offset === 0 && this.#generations.get(path) === generation) {
      if (generation === 1) this.#generations.delete(path)
      else this.#generations.set(path, generation - 1)
    }
    await this.open.close(partition)
    this.#byFile.delete(keyOf(partition))
  }

  #warnOfUnread(partition: FilePartition, happened: string): void {
    const unread = partition.size - partition.offset
    if (unread > 0) this.#warn(`${partition.file} ${happened}; its last ${unread} bytes were not read`)
  }
}

const keyOf = (file: { readonly device: number; readonly inode: number }): string =>
  `${file.device}:${file.inode}`

/** A path that itself ends like a generation gets one from the first on, so that no two partitions share a name. */
const partitionName = (path: string, generation: number): string =>
  generation > 1 || /#\d+$/.test(path) ? `${path}#${generation}` : path
