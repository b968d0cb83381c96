import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsToParquet } from '../../src/engines/parquet.ts'
import { csv, DstreamsError, ndjson, parquet, type Sink } from '../../src/index.ts'
import { listOf, NUMBER, nullable, STRING, structOf } from '../../src/schema/type.ts'
import {
  contextOf,
  intervalOf,
  outputOf,
  ROW_TYPE,
  type SinkUnderTest,
  sinkContract,
} from '../contracts/sink.ts'

let scratch: string
let made = 0
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'dstreams-sinks-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

const make = (sinkOf: (path: string) => Sink) => async (): Promise<SinkUnderTest> => {
  const directory = join(scratch, `contract-${made++}`)
  return {
    sink: sinkOf('out'),
    directory,
    async visible() {
      const files = (await readdir(join(directory, 'out'))).filter((name) => !name.startsWith('.')).sort()
      const entries = files.map(
        async (name): Promise<[number, string]> => [
          Number.parseInt(name, 10),
          await readFile(join(directory, 'out', name), 'base64'),
        ],
      )
      return new Map(await Promise.all(entries))
    },
    cleanUp: () => rm(directory, { recursive: true, force: true }),
  }
}

sinkContract({ name: 'ndjson', make: make((path) => ndjson(path)) })
sinkContract({ name: 'csv', make: make((path) => csv(path)) })
sinkContract({ name: 'parquet', make: make((path) => parquet(path)), parquet: rowsToParquet })

describe('files of intervals', () => {
  let directory: string
  beforeEach(() => {
    directory = join(scratch, `files-${made++}`)
  })
  const write = async (sink: Sink, rows: readonly unknown[], more = {}): Promise<void> => {
    const open = await sink.open(contextOf(directory, more))
    await open.write(intervalOf(12), outputOf(rows, rowsToParquet))
    await open.close()
  }
  const text = (name: string): Promise<string> => readFile(join(directory, name), 'utf8')

  it('writes NDJSON under the number of the interval', async () => {
    await write(ndjson('out'), [{ word: 'a "b"\n', n: 1 }, 'é', null, [Number.NaN]])
    expect(await text('out/000000012.ndjson')).toBe('{"word":"a \\"b\\"\\n","n":1}\n"é"\nnull\n[null]\n')
  })

  it('writes CSV as RFC 4180 says', async () => {
    const rows = [
      { word: 'plain', n: 1.5 },
      { word: 'a "quoted", one', n: null },
      { word: 'two\nlines', n: Number.NaN },
      { word: '', n: -1 },
      { word: ' spaces ', n: 0 },
      { word: null, n: Number.NEGATIVE_INFINITY },
    ]
    const type = structOf([
      { name: 'word', type: nullable(STRING) },
      { name: 'n', type: nullable(NUMBER) },
    ])
    await write(csv('out'), rows, { type })
    expect(await text('out/000000012.csv')).toBe(
      'word,n\nplain,1.5\n"a ""quoted"", one",\n"two\nlines",NaN\n"",-1\n" spaces ",0\n,-Infinity\n',
    )
  })

  it('writes a row that is no object as the column value', async () => {
    await write(csv('out'), ['a', null, ''], { type: nullable(STRING) })
    expect(await text('out/000000012.csv')).toBe('value\na\n""\n""\n')
  })

  it('writes Parquet that DuckDB reads', async () => {
    await write(parquet('out'), [{ word: 'a', n: 1 }])
    const connection = await (await DuckDBInstance.create()).connect()
    const path = join(directory, 'out/000000012.parquet')
    const read = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)
    expect(read.getRowObjectsJson()).toEqual([{ word: 'a', n: '1' }])
  })

  it('writes no file for an interval without rows', async () => {
    for (const sink of [ndjson('a'), csv('b'), parquet('c')]) await write(sink, [])
    for (const name of ['a', 'b', 'c'])
      expect(await readdir(join(directory, name))).toEqual(['.dstreams.json'])
  })

  it('leaves no hidden files behind', async () => {
    await write(ndjson('out'), [1])
    expect((await readdir(join(directory, 'out'))).sort()).toEqual(['.dstreams.json', '000000012.ndjson'])
  })

  it('takes an absolute path as it is', async () => {
    const path = join(scratch, 'absolute')
    await write(ndjson(path), [1])
    expect(await readdir(path)).toContain('000000012.ndjson')
  })

  it('refuses a directory with the output of another run or another step', async () => {
    await write(ndjson('out'), [1])
    await expect(write(ndjson('out'), [1], { step: 'other' })).rejects.toThrow(
      /Sink "other": .*out holds the output of another run: .*"step":"out".* Choose another directory/,
    )
    const open = await ndjson('out').open(contextOf(directory))
    const later = { index: 0, fromMs: 1_900_000_000_000, toMs: 1_900_000_001_000 }
    await expect(open.write(later, outputOf([1]))).rejects.toMatchObject({ code: 'DS_SINK', exit: 1 })
  })

  it('replaces what a killed process left under the hidden name', async () => {
    await write(parquet('out'), [])
    await writeFile(join(directory, `out/.000000012.parquet.${process.pid}.tmp`), 'torn')
    await write(parquet('out'), [{ word: 'a', n: 1 }])
    expect((await readdir(join(directory, 'out'))).sort()).toEqual(['.dstreams.json', '000000012.parquet'])
  })

  it('tells that a directory may not be written', async () => {
    await write(ndjson('out'), [])
    await chmod(join(directory, 'out'), 0o500)
    // root may write everywhere: as nobody for a moment
    const isRoot = process.getuid?.() === 0
    if (isRoot) process.seteuid?.(65534)
    try {
      await expect(write(ndjson('out'), [1])).rejects.toMatchObject({ code: 'DS_STORAGE' })
    } finally {
      if (isRoot) process.seteuid?.(0)
      await chmod(join(directory, 'out'), 0o700)
    }
  })

  it('leaves an error of the job as it is', async () => {
    const open = await ndjson('out').open(contextOf(directory))
    const error = new DstreamsError('DS_FUNCTION', { what: 'A function threw.', cure: 'Mend it.' })
    await expect(
      open.write(intervalOf(0), { ...outputOf([]), rows: () => Promise.reject(error) }),
    ).rejects.toBe(error)
  })

  it('tells that the path is a file', async () => {
    const path = join(scratch, `file-${made++}`)
    await writeFile(path, '')
    await expect(write(ndjson(path), [1])).rejects.toMatchObject({ code: 'DS_STORAGE' })
  })

  it.skipIf(process.platform !== 'linux')('tells that the disk is full and leaves nothing', async () => {
    await write(ndjson('out'), [])
    const hidden = join(directory, `out/.000000012.ndjson.${process.pid}.tmp`)
    const sink = ndjson('out')
    const open = await sink.open(contextOf(directory))
    const output = {
      ...outputOf([]),
      // the device takes nothing: writing to it is writing to a full disk
      rows: async () => {
        await symlink('/dev/full', hidden)
        return ['a'.repeat(100_000)]
      },
    }
    await expect(open.write(intervalOf(12), output)).rejects.toMatchObject({ code: 'DS_STORAGE', exit: 1 })
    expect(await readdir(join(directory, 'out'))).toEqual(['.dstreams.json'])
  })

  it('writes a large interval in pieces', async () => {
    await write(
      ndjson('out'),
      Array.from({ length: 25_001 }, (_, n) => ({ word: 'w', n })),
    )
    expect((await text('out/000000012.ndjson')).split('\n')).toHaveLength(25_002)
    expect((await stat(join(directory, 'out/000000012.ndjson'))).size).toBeGreaterThan(500_000)
  })
})

describe('what file sinks refuse', () => {
  const stream = { flow: 'stream', key: undefined } as const

  it('csv refuses nested columns, naming the column and its type', () => {
    const type = structOf([{ name: 'tags', type: listOf(STRING) }])
    expect(csv('x').refuse?.({ ...stream, type })).toEqual({
      what: 'the column tags is string[], which has no place in CSV.',
      cure: 'Map it to texts or numbers, one field each, or write NDJSON or Parquet.',
    })
    expect(csv('x').refuse?.({ ...stream, type: ROW_TYPE })).toBeUndefined()
  })

  it('csv and parquet need to know the columns', () => {
    for (const sink of [csv('x'), parquet('x')])
      expect(sink.refuse?.({ ...stream, type: undefined })?.what).toMatch(/the columns are not known/)
  })

  it('refuses a path and a mode that are none', () => {
    expect(() => ndjson('')).toThrow('ndjson: the path is "".')
    expect(() => csv('x', { mode: 'all' as 'changes' })).toThrow('csv: mode is "all".')
  })

  it('takes changes of a table unless snapshots are asked for', () => {
    expect(ndjson('x').tableMode).toBe('changes')
    expect(parquet('x', { mode: 'snapshots' }).tableMode).toBe('snapshots')
  })
})
