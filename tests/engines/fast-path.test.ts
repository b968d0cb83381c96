/** That plain input is read by DuckDB itself: the reference would give the same rows, only ten times slower. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DuckDBEngine } from '../../src/engines/duckdb/engine.ts'
import { collect, count } from '../../src/plan/aggregate.ts'
import { Analysis } from '../../src/plan/analysis.ts'
import { statementsOf } from '../../src/plan/statements.ts'
import { ndjsonFiles, textFiles } from '../../src/sources/files.ts'
import type { Block, BlockFormat, Source } from '../../src/sources/source.ts'
import { buildPlan, job } from '../../src/stream/job.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-test-'))
})
afterAll(() => rm(directory, { recursive: true }))

const SCHEMA = { s: 'string', n: 'integer', x: 'number?', at: 'timestamp', ok: 'boolean' } as const
const RECORD = { s: 'ün 😀', n: -5, x: 1.25, at: 1_700_000_000_000, ok: true }
const probe = {
  kind: 'probe',
  detail: '',
  tableMode: 'content',
  open: () => Promise.reject(new Error('not opened')),
} as const

const cases: {
  name: string
  format: BlockFormat
  source: Source<any>
  content: string
  gzip?: boolean
  slow: number
}[] = [
  { name: 'lines', format: 'lines', source: textFiles('*'), content: 'a b\nc\n', slow: 0 },
  { name: 'lines with blank ones', format: 'lines', source: textFiles('*'), content: 'a\n\n\nb\n', slow: 0 },
  { name: 'lines, packed', format: 'lines', source: textFiles('*'), content: 'a\nb\n', gzip: true, slow: 0 },
  {
    name: 'plain NDJSON',
    format: 'ndjson',
    source: ndjsonFiles('*', SCHEMA),
    content: `${JSON.stringify(RECORD)}\n`.repeat(50),
    slow: 0,
  },
  {
    name: 'NDJSON with a null and spaces',
    format: 'ndjson',
    source: ndjsonFiles('*', SCHEMA),
    content: '{ "ok": false, "s": "", "n": 0, "x": null, "at": 1 }\n',
    slow: 0,
  },
  {
    name: 'NDJSON with an escape',
    format: 'ndjson',
    source: ndjsonFiles('*', SCHEMA),
    content: `${JSON.stringify({ ...RECORD, s: 'a"b' })}\n`,
    slow: 1,
  },
  {
    name: 'NDJSON with a trailing comma',
    format: 'ndjson',
    source: ndjsonFiles('*', SCHEMA),
    content: '{"s":"a","n":1,"at":1,"ok":true,}\n',
    slow: 1,
  },
]

for (const ordered of [false, true])
  test.each(cases)(
    `$name${ordered ? ', with positions' : ''}: $slow blocks by the reference`,
    async ({ format, source, content, gzip, slow, name }) => {
      const path = join(directory, name.replaceAll(' ', '_'))
      await writeFile(path, gzip ? gzipSync(content) : content)
      const { size, mtimeMs, ino } = await stat(path)
      const block: Block = {
        format,
        partition: 'p',
        from: 0,
        records: undefined,
        bytes: size,
        path,
        inPlace: { size, mtimeMs, inode: ino },
        ...(gzip ? { compression: 'gzip' as const } : {}),
      }
      const aggregates = ordered ? { n: count(), all: collect((record: unknown) => record) } : { n: count() }
      const plan = buildPlan(
        job('fast', { interval: '1s' }, (s) => s.from(source).aggregate(aggregates).to('out', probe)),
      )
      const engine = new DuckDBEngine()
      try {
        await engine.prepare(new Analysis(plan))
        engine.load(0, 0, [block])
        for (const statement of statementsOf(
          new Analysis(plan),
          { from: 0, to: 1 },
          { originMs: 0, lengthMs: 1000 },
        ))
          if (statement.kind === 'deliver') await engine.read(statement.relation)
          else if (statement.kind !== 'apply') await engine.execute(statement)
        const [counts] = await engine.unload(1)
        expect(counts).toMatchObject({ slowBlocks: slow })
      } finally {
        await engine.close()
      }
    },
  )
