/**
 * Files read in place: no copy is made, so the file itself has to be the immutable block.
 *
 * What it looked like is noted when it is cut (`identify`); whoever reads it checks afterwards that it still looks
 * so (`verifyInPlace`) and refuses what was read if it does not.
 */
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { messageOf } from '../errors.ts'
import { changedError } from './read-error.ts'
import type { Block, FileIdentity } from './source.ts'

/** How a file looks. */
export const identify = (stats: Stats): FileIdentity => ({
  size: stats.size,
  mtimeMs: stats.mtimeMs,
  inode: stats.ino,
})

/**
 * Checks that a file that was read in place is still the one that was cut; nothing to do for other blocks.
 * @example
 * await connection.run(`... read_csv('${block.path}') ...`)
 * await verifyInPlace(block) // what was read may be used
 */
export async function verifyInPlace(block: Block): Promise<void> {
  const { inPlace: then, path } = block
  if (!then || path === undefined) return
  let now: FileIdentity
  try {
    now = identify(await stat(path))
  } catch (cause) {
    throw changedError(path, `it can't be found any more (${messageOf(cause)})`)
  }
  if (now.inode !== then.inode)
    throw changedError(path, `another file is there (inode ${now.inode}, was ${then.inode})`)
  if (now.size !== then.size) throw changedError(path, `its size is ${now.size} bytes, was ${then.size}`)
  if (now.mtimeMs !== then.mtimeMs) {
    const [at, was] = [now.mtimeMs, then.mtimeMs].map((ms) => new Date(ms).toISOString())
    throw changedError(path, `it was written at ${at}, before at ${was}`)
  }
}
