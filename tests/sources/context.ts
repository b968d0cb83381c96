/** What tests of sources share: a context of their own with a clock that stands, and reading what was cut. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Interval, intervalAt } from '../../src/interval/interval.ts'
import { decodeWhole } from '../../src/sources/decode.ts'
import type { Block, Cut, OpenSource, Source, SourceContext } from '../../src/sources/source.ts'
import { BlockFiles } from '../../src/store/block-files.ts'

export interface TestContext extends SourceContext {
  readonly warnings: string[]
  readonly failures: Error[]
  nowMs: number
}

/** A directory that is deleted after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'dstreams-sources-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The time at which tests begin: far after the files that they write, so that these are settled. */
export const NOW_MS = Date.UTC(2100, 0, 1)

/** A context, whose clock stands until the test moves it. */
export const testContext = (): TestContext => contextIn(temporaryDirectory())

/** A context whose files are in a new directory inside `parent`. */
export function contextIn(parent: string): TestContext {
  const warnings: string[] = []
  const failures: Error[] = []
  const directory = mkdtempSync(join(parent, 'files-'))
  return {
    step: 'source',
    intervalMs: 1000,
    blockFiles: new BlockFiles(mkdtempSync(join(parent, 'blocks-'))),
    directory,
    nowMs: NOW_MS,
    now(): number {
      return this.nowMs
    },
    warn: (message) => warnings.push(message),
    fail: (error) => failures.push(error),
    warnings,
    failures,
  }
}

export const interval = (index: number): Interval => intervalAt({ originMs: 0, lengthMs: 1000 }, index)

/** Cuts a source again and again, counting the intervals. */
export class Cutter {
  readonly #open: OpenSource
  index = 0

  constructor(open: OpenSource) {
    this.#open = open
  }

  cut(draining = false): Promise<Cut> {
    return this.#open.cut(interval(this.index++), draining)
  }
}

/** Opens a source; it is closed after the test. */
export async function opened(source: Source, context: SourceContext): Promise<Cutter> {
  const open = await source.open(context)
  onTestFinished(() => open.close())
  return new Cutter(open)
}

/** The records of blocks as `partition:ordinal value`, rejects with their reason. */
export async function recordsOf(blocks: readonly Block[], source: Source): Promise<string[]> {
  const lines: string[] = []
  for (const block of blocks) {
    const { records, rejects } = await decodeWhole(block, source.type, source.validate)
    const all = [
      ...records.map(({ ordinal, value }) => ({
        ordinal,
        text: typeof value === 'string' ? value : JSON.stringify(value),
      })),
      ...rejects.map(({ ordinal, reason }) => ({ ordinal, text: `REJECT ${reason}` })),
    ]
    all.sort((a, b) => a.ordinal - b.ordinal)
    for (const { ordinal, text } of all) lines.push(`${block.partition}:${ordinal} ${text}`)
  }
  return lines
}
