/** Files that are strange, at the level of `run`: what can be read is read, the rest is counted, and the job goes on. */
import { createWriteStream, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { run } from '../../src/run/run.ts'
import { collectRows } from '../../src/sinks/collect-rows.ts'
import { ndjsonFiles, textFiles } from '../../src/sources/files.ts'
import type { Source } from '../../src/sources/source.ts'
import { job } from '../../src/stream/job.ts'
import { temporaryDirectory } from '../sources/context.ts'

const OLD = new Date(2020, 0, 1)
const MIB = 1024 * 1024

/** Drains a source of the files of a directory. */
async function read(source: Source<string>, directory: string, engine: 'memory' | 'duckdb') {
  const [lines, rejects] = [collectRows<string>(), collectRows<object>()]
  const what = job('files', { interval: '1s' }, (s) => {
    const stream = s.from(source, 'files')
    stream.to('lines', lines)
    stream.rejects.to('rejects', rejects)
  })
  const summary = await run(what, { engine, until: 'drained', directory }).finished
  return { summary, lines: lines.rows, rejects: rejects.rows }
}

describe.each(['memory', 'duckdb'] as const)('files on %s', { timeout: 30_000 }, (engine) => {
  test.each(['lines', 'ndjson'])('of %s, with a line of 100 MiB', async (format) => {
    const directory = temporaryDirectory()
    const piece = Buffer.alloc(MIB, 'x')
    await pipeline(
      function* () {
        yield '"first"\n'
        for (let megabyte = 0; megabyte < 100; megabyte++) yield piece
        yield '\n"last"\n'
      },
      createWriteStream(join(directory, 'a.log')),
    )
    const source = format === 'lines' ? textFiles('*.log') : ndjsonFiles('*.log', 'string')
    const { summary, lines, rejects } = await read(source, directory, engine)
    expect(summary).toMatchObject({ records: 3, rejects: 1 })
    expect(lines.toSorted()).toEqual(format === 'lines' ? ['"first"', '"last"'] : ['first', 'last'])
    expect(rejects).toMatchObject([{ source: 'files', ordinal: 1, text: 'x'.repeat(200) }])
  })

  test('of which one is empty', async () => {
    const directory = temporaryDirectory()
    for (const [name, content] of Object.entries({ a: 'one\n', b: '', c: 'two\n' })) {
      writeFileSync(join(directory, `${name}.log`), content)
      utimesSync(join(directory, `${name}.log`), OLD, OLD)
    }
    const found = await read(textFiles('*.log', { perInterval: { files: 1 } }), directory, engine)
    expect(found.summary).toMatchObject({ records: 2, rejects: 0, reason: 'drained' })
    expect(found.lines).toEqual(['one', 'two'])
  })
})
