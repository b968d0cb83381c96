/** Which files a glob matches now, and how they look. Reads names and sizes, never content. */
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { systemCode } from '../errors.ts'
import { readError } from './read-error.ts'

/** A file that matches. */
export interface FoundFile {
  /** Absolute path. */
  readonly path: string
  /** Its path as the glob is written: absolute, or relative to the job's directory. Names the partition. */
  readonly name: string
  readonly size: number
  readonly mtimeMs: number
  readonly inode: number
  readonly device: number
}

// how many files are asked for their size at a time
const STATS_AT_A_TIME = 256

/** The files that match `pattern` now, in order of path. A plain path to a file is taken literally. */
export async function listFiles(pattern: string, directory: string): Promise<FoundFile[]> {
  const nameOf = isAbsolute(pattern)
    ? (path: string) => path
    : (path: string) => relative(directory, path).split(sep).join('/')
  const literal = resolve(directory, pattern)
  const there = await look(literal)
  if (there?.isFile()) return [describeFile(literal, nameOf(literal), there)]
  if (!isDynamicPattern(pattern)) return []
  const options = { cwd: directory, absolute: true, dot: false, onlyFiles: true, expandDirectories: false }
  const paths = (await glob(pattern, options)).map((path) => resolve(path))
  paths.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const files: FoundFile[] = []
  for (let start = 0; start < paths.length; start += STATS_AT_A_TIME) {
    const some = paths.slice(start, start + STATS_AT_A_TIME)
    const stats = await Promise.all(some.map(look))
    some.forEach((path, index) => {
      const found = stats[index]
      // renamed or deleted since it was listed: the next listing shows it as it is then
      if (found?.isFile()) files.push(describeFile(path, nameOf(path), found))
    })
  }
  return files
}

/** Whether a pattern is a path rather than a glob. */
export const isPlainPath = (pattern: string): boolean => !isDynamicPattern(pattern)

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (cause) {
    const code = systemCode(cause)
    // ENAMETOOLONG: a long glob, looked for as if it were a path
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined
    throw readError(path, cause)
  }
}

const describeFile = (path: string, name: string, stats: Stats): FoundFile => ({
  path,
  name,
  size: stats.size,
  mtimeMs: stats.mtimeMs,
  inode: stats.ino,
  device: stats.dev,
})
