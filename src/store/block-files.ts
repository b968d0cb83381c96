/**
 * Block files: where received and partly taken bytes are kept, so that every dataset can be made again.
 *
 * One directory per step, one file per block, numbered in the order in which they were made. A file is written by
 * one writer, closed, and never written again.
 */

import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, rm, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { DstreamsError, messageOf, systemCode } from '../errors.ts'

/** A block file that is being written. */
export class BlockFile {
  readonly path: string
  readonly #handle: FileHandle

  constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  /** Appends pieces of bytes. */
  async write(...pieces: readonly Uint8Array[]): Promise<number> {
    return attempt(this.path, async () => {
      let written = 0
      for (const piece of pieces) {
        for (let start = 0; start < piece.length; )
          start += (await this.#handle.write(piece, start)).bytesWritten
        written += piece.length
      }
      return written
    })
  }

  /** After this the file is never written again. */
  async close(): Promise<void> {
    await attempt(this.path, () => this.#handle.close())
  }
}

export class BlockFiles {
  readonly #directory: string
  readonly #made = new Set<string>()
  #next = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Creates the next block file of a step, for writing. `extension` begins with a dot. */
  async create(step: string, extension: string): Promise<BlockFile> {
    // a step may be called ".."
    const folder = join(this.#directory, encodeURIComponent(step).replaceAll('.', '%2E'))
    if (!this.#made.has(folder)) {
      await attempt(folder, () => mkdir(folder, { recursive: true }))
      this.#made.add(folder)
    }
    for (;;) {
      const path = join(folder, `${String(this.#next++).padStart(9, '0')}${extension}`)
      const handle = await attempt(path, () => openNew(path))
      if (handle) return new BlockFile(path, handle)
    }
  }

  /** Deletes a block file that no dataset needs any more. */
  async remove(path: string): Promise<void> {
    await unlink(path).catch(() => {})
  }

  /** Deletes the block files of all steps; what is not theirs stays. */
  async clear(): Promise<void> {
    for (const folder of this.#made) await rm(folder, { recursive: true, force: true })
    // fails where it was never made, or holds something else
    await rmdir(this.#directory).catch(() => {})
  }
}

/** Opens a new file; `undefined` where a run that was killed has left one of that name. */
async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx')
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return undefined
    throw cause
  }
}

/** Runs a file operation; a failure becomes an error that names the path, the reason and the cure. */
export async function attempt<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (cause) {
    // what is written may come from a source that can't be read: that error says more
    if (cause instanceof DstreamsError) throw cause
    throw storageError(path, cause)
  }
}

/** The error for a path that could not be written. */
export function storageError(path: string, cause: unknown): DstreamsError {
  const cures: Record<string, string> = {
    ENOSPC: 'Free space there, or choose another directory with --dir.',
    EACCES: 'Allow writing there, or choose another directory with --dir.',
    EROFS: 'The file system is read-only: choose another directory with --dir.',
    EDQUOT: 'The quota is used up: free space, or choose another directory with --dir.',
  }
  return new DstreamsError('DS_STORAGE', {
    what: `${path} can't be written: ${messageOf(cause)}.`,
    cure: cures[systemCode(cause) ?? ''] ?? 'Check the directory given with --dir.',
    cause,
  })
}
