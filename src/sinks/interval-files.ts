/**
 * Files, one per interval, in a directory of their own.
 *
 *   out/.dstreams.json       whose output this is: job, step, start of interval 0
 *   out/000000000.ndjson     the rows of interval 0
 *   out/000000002.ndjson     interval 1 had no rows: no file
 *
 * A file appears whole or not at all: it is written under a hidden name, brought to the disk, then linked to its own
 * name, which fails where that name exists. So a file is never written twice: an interval that is written again, as
 * after a crash, finds its file and leaves it as it is (DS-27). Because a file that is there counts as written, a
 * directory belongs to one run of one step: what another run left there is refused, never mixed with.
 */
import type { FileHandle } from 'node:fs/promises'
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DstreamsError, messageOf, systemCode } from '../errors.ts'
import type { Interval } from '../interval/interval.ts'
import type { OpenSink, Output, Sink, SinkContext, SinkInput, TableMode } from './sink.ts'

/** What a sink of files writes of a table. */
export interface FileSinkOptions {
  /** Of a table: its changes as rows with `op` (the default), or its whole content each time it may have changed. */
  readonly mode?: 'changes' | 'snapshots'
}

/** What makes one kind of file different from another. */
export interface FileFormat {
  readonly kind: string
  /** Begins with a dot. */
  readonly extension: string
  readonly takes?: 'rows' | 'parquet'
  refuse?(what: SinkInput): { readonly what: string; readonly cure: string } | undefined
  /** Writes rows to a new file and brings it to the disk. Returns whether there were any; a file without rows is not kept. */
  write(path: string, output: Output, what: SinkInput): Promise<boolean>
}

/** A sink that writes files of this format into the directory `path`. */
export function fileSink<T>(format: FileFormat, path: string, options: FileSinkOptions): Sink<T> {
  const { kind } = format
  if (typeof path !== 'string' || path === '')
    throw new DstreamsError('DS_JOB', {
      what: `${kind}: the path is ${JSON.stringify(path)}.`,
      cure: `Give a directory: ${kind}('out').`,
    })
  return {
    kind,
    detail: path,
    tableMode: modeOf(kind, options.mode),
    ...(format.takes && { takes: format.takes }),
    ...(format.refuse && { refuse: format.refuse }),
    open: async (context) => new IntervalFiles(format, resolve(context.directory, path), context),
  }
}

function modeOf(kind: string, mode: unknown = 'changes'): TableMode {
  if (mode === 'changes' || mode === 'snapshots') return mode
  throw new DstreamsError('DS_JOB', {
    what: `${kind}: mode is ${JSON.stringify(mode)}.`,
    cure: 'Give "changes" or "snapshots".',
  })
}

/** Name of an interval's file: as many digits as sort by name up to a billion intervals. */
const nameOf = ({ index }: Interval, extension: string): string =>
  `${String(index).padStart(9, '0')}${extension}`

class IntervalFiles implements OpenSink {
  readonly #format: FileFormat
  readonly #directory: string
  readonly #context: SinkContext
  #isOwned = false
  /** The directory, open: syncing it brings the names of new files to the disk. */
  #names: FileHandle | undefined

  constructor(format: FileFormat, directory: string, context: SinkContext) {
    this.#format = format
    this.#directory = directory
    this.#context = context
  }

  async write(interval: Interval, output: Output): Promise<void> {
    if (!this.#isOwned) await this.#own(interval)
    const name = nameOf(interval, this.#format.extension)
    const path = join(this.#directory, name)
    if (await exists(path)) return
    const hidden = join(this.#directory, `.${name}.${process.pid}.tmp`)
    try {
      if (await this.#format.write(hidden, output, this.#context)) {
        await publish(hidden, path)
      }
    } catch (cause) {
      throw writeError(this.#context.step, path, cause)
    } finally {
      await rm(hidden, { force: true }).catch(() => {})
    }
  }

  /** Brings the names of new files to the disk; their contents are there already. */
  async flush(): Promise<void> {
    try {
      this.#names ??= await open(this.#directory, 'r')
      await this.#names.sync()
    } catch (cause) {
      throw writeError(this.#context.step, this.#directory, cause)
    }
  }

  async close(): Promise<void> {
    await this.#names?.close()
  }

  /** Makes the directory this run's, or makes sure that it is. */
  async #own({ index, fromMs, toMs }: Interval): Promise<void> {
    const { job, step } = this.#context
    const owner = JSON.stringify({
      job,
      step,
      startMs: fromMs - index * (toMs - fromMs),
      intervalMs: toMs - fromMs,
    })
    const path = join(this.#directory, '.dstreams.json')
    const found = await this.#claim(path, owner)
    if (found !== owner)
      throw new DstreamsError('DS_SINK', {
        what: `Sink "${step}": ${this.#directory} holds the output of another run: ${found.slice(0, 300)}.`,
        cure: 'Choose another directory, or remove that one if its files are no longer needed.',
      })
    this.#isOwned = true
  }

  /** Writes whose directory it is, unless that is written already; returns what is written. */
  async #claim(path: string, owner: string): Promise<string> {
    const hidden = `${path}.${process.pid}.tmp`
    try {
      await mkdir(this.#directory, { recursive: true })
      await create(hidden, owner)
      await publish(hidden, path)
      return await readFile(path, 'utf8')
    } catch (cause) {
      throw writeError(this.#context.step, this.#directory, cause)
    } finally {
      await rm(hidden, { force: true }).catch(() => {})
    }
  }
}

const CURES: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space there, or give the sink another directory.',
  EDQUOT: 'The quota is used up: free space, or give the sink another directory.',
  EACCES: 'Allow writing there, or give the sink another directory.',
  EROFS: 'The file system is read-only: give the sink another directory.',
}
/** How an engine that writes a file itself tells what the file system said. */
const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  'No space left on device': 'ENOSPC',
  'Disk quota exceeded': 'EDQUOT',
  'Permission denied': 'EACCES',
  'Read-only file system': 'EROFS',
}

/** What the file system says as our error; what the job or the engine says stays as it is. */
function writeError(step: string, path: string, cause: unknown): unknown {
  const said = Object.keys(SYSTEM_TEXTS).find((text) => messageOf(cause).includes(text))
  const code = (cause instanceof DstreamsError ? undefined : systemCode(cause)) ?? SYSTEM_TEXTS[said ?? '']
  if (code === undefined) return cause
  return new DstreamsError('DS_STORAGE', {
    what: `Sink "${step}": ${path} can't be written: ${messageOf(cause)}.`,
    cure: CURES[code] ?? 'Check the directory that the sink was given.',
    cause,
  })
}

/** Writes text to a new file and brings it to the disk; what a process that was killed left under that name is replaced. */
export async function create(path: string, text: string | Iterable<string>): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const piece of typeof text === 'string' ? [text] : text) await file.appendFile(piece)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Brings a file to the disk. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives a finished file its name, unless that name exists already. */
async function publish(hidden: string, path: string): Promise<void> {
  try {
    await link(hidden, path)
  } catch (cause) {
    const code = systemCode(cause)
    if (code === 'EEXIST') return
    // file systems without links: one writer is all there is, so looking first is enough
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw cause
    if (!(await exists(path))) await rename(hidden, path)
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
