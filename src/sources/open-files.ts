/**
 * Files that stay open: those that grew not long ago, so that what is written to one after it was renamed or deleted
 * is still read. Bounded: the one that grew longest ago is closed first.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { systemCode } from '../errors.ts'
import { readError } from './read-error.ts'

/** How many files are kept open at most. */
export const OPEN_FILES_MAX = 64

export class OpenFiles<Key extends { readonly inode: number; file: string }> {
  // in the order of use
  readonly #open = new Map<Key, FileHandle>()

  has(key: Key): boolean {
    return this.#open.has(key)
  }

  /** The open file of `key`; `undefined` if its path has come to hold another file since it was listed, or none. */
  async get(key: Key): Promise<FileHandle | undefined> {
    const kept = this.#open.get(key)
    if (kept) {
      this.#open.delete(key)
      this.#open.set(key, kept)
      return kept
    }
    const handle = await openToRead(key.file)
    if (!handle) return undefined
    if ((await handle.stat()).ino !== key.inode) {
      await handle.close()
      return undefined
    }
    this.#open.set(key, handle)
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= OPEN_FILES_MAX) break
      await this.close(oldest)
    }
    return handle
  }

  async close(key: Key): Promise<void> {
    const handle = this.#open.get(key)
    this.#open.delete(key)
    await handle?.close()
  }

  async closeAll(): Promise<void> {
    for (const key of [...this.#open.keys()]) await this.close(key)
  }
}

async function openToRead(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined
    throw readError(path, cause)
  }
}
