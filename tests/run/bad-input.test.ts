/**
 * Bad input at the level of `run`, on both engines: one clear error that rejects `finished`, or counted in rejects and
 * the job goes on. Nothing hangs: every case has a limit.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  asc,
  collect,
  collectRows,
  count,
  csvFiles,
  type DstreamsError,
  desc,
  fromArray,
  job,
  max,
  ndjsonFiles,
  type RunOptions,
  run,
  type Source,
  sum,
  textFiles,
  topK,
} from '../../src/index.ts'
import { temporaryDirectory } from '../sources/context.ts'

const ENGINES = ['memory', 'duckdb'] as const
const LIMIT_MS = 30_000

/** Drains a job; the error that ended it, if one did. */
async function ended(define: (s: any) => unknown, options: RunOptions): Promise<DstreamsError | undefined> {
  try {
    await run(job('bad', { interval: '1s' }, define), { until: 'drained', ...options }).finished
    return undefined
  } catch (error) {
    return error as DstreamsError
  }
}

const to = (series: any, sink: unknown): void => series.to('out', sink)

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a function that fails and must not, on memory, names the step and the record', () => {
  const FAIL = { onReject: 'fail' } as const
  const throwing = (text: string): any => {
    if (text === 'b') throw new RangeError(`no ${text} here`)
    return 1
  }
  const words = () => fromArray(['a', 'b', 'c'], 'string')
  const records = () => fromArray([{ w: 'a' }, { w: 'b' }], { w: 'string' })

  test.each<[string, (s: any) => unknown, string]>([
    ['map', (s) => s.from(words()).map((w: string) => throwing(w), FAIL), 'select'],
    ['filter', (s) => s.from(words()).filter((w: string) => throwing(w), FAIL), 'select'],
    ['flatMap', (s) => s.from(words()).flatMap((w: string) => [throwing(w)], FAIL), 'select'],
    [
      'the key of groupBy',
      (s) =>
        s
          .from(words())
          .groupBy((w: string) => ({ k: throwing(w) }), FAIL)
          .aggregate({ n: count() }),
      'aggregate',
    ],
    [
      'the value of groupBy',
      (s) =>
        s
          .from(words())
          .groupBy(
            (w: string) => ({ w }),
            (w: string) => throwing(w),
            FAIL,
          )
          .reduce((a: number, b: number) => a + b),
      'aggregate',
    ],
    [
      'an aggregate',
      (s) => s.from(words()).aggregate({ m: max((w: string) => throwing(w) as number, FAIL) }),
      'aggregate',
    ],
    [
      'a counted condition',
      (s) => s.from(words()).aggregate({ n: count((w: string) => throwing(w), FAIL) }),
      'aggregate',
    ],
    [
      'a windowed aggregate',
      (s) =>
        s
          .from(words())
          .window('2s')
          .aggregate({ m: sum((w: string) => throwing(w) as number, FAIL) }),
      'aggregate',
    ],
    ['an order', (s) => s.from(words()).sortBy(asc((w: string) => throwing(w))), 'order'],
    [
      'the order of top',
      (s) =>
        s.from(words()).top(
          2,
          desc((w: string) => throwing(w)),
        ),
      'order',
    ],
    [
      'the order of topK',
      (s) =>
        s.from(words()).aggregate({
          t: topK(
            1,
            desc((w: string) => throwing(w)),
          ),
        }),
      'aggregate',
    ],
    [
      'a reducer',
      (s) =>
        s
          .from(words())
          .groupBy(() => ({ k: 1 }))
          .reduce((a: string, b: string) => `${a}${throwing(b)}`),
      'aggregate',
    ],
    [
      'a field of a record',
      (s) => s.from(records()).map((r: { w: string }) => ({ v: throwing(r.w) }), FAIL),
      'select',
    ],
  ])('%s', { timeout: LIMIT_MS }, async (_, define, step) => {
    const error = await ended((s) => to(define(s), collectRows()), { engine: 'memory' })
    expect(error).toMatchObject({ name: 'DstreamsError', code: 'DS_FUNCTION', exit: 1 })
    expect(error!.what).toMatch(new RegExp(`^A function of step "${step}" \\(.+\\) failed: no b here\\.`))
    expect(error!.what).toContain('"b"')
    expect(error!.cause).toBeInstanceOf(RangeError)
  })

  test('a long record is shortened', async () => {
    const error = await ended(
      (s) =>
        s
          .from(fromArray(['x'.repeat(10_000)], 'string'))
          .map(() => throwing('b'), FAIL)
          .to('out', collectRows()),
      { engine: 'memory' },
    )
    expect(error!.what.length).toBeLessThan(400)
  })

  test('a flatMap that returns no list is such an error too', async () => {
    const error = await ended(
      (s) =>
        s
          .from(words())
          .flatMap((w: string) => throwing(`x${w}`), FAIL)
          .to('out', collectRows()),
      { engine: 'memory' },
    )
    expect(error).toMatchObject({ code: 'DS_FUNCTION', what: expect.stringContaining('step "select"') })
  })
})

describe('a function whose result has no known type, on duckdb, is told with where, why and what to write', () => {
  test.each<[string, (s: any) => unknown, string]>([
    ['map', (s) => s.from(fromArray(['a'], 'string'), 'words').map((w: string) => w.normalize()), 'select'],
    [
      'an aggregate',
      (s) =>
        s
          .from(fromArray(['a'], 'string'), 'words')
          .aggregate({ c: collect((w: string) => w.localeCompare('a')) }),
      'aggregate',
    ],
    [
      'an order',
      (s) =>
        s.from(fromArray(['a'], 'string'), 'words').top(
          1,
          asc((w: string) => w.normalize()),
        ),
      'order',
    ],
    [
      'what follows a refused function',
      (s) =>
        s
          .from(fromArray(['a'], 'string'), 'words')
          .map((w: string) => w.normalize())
          .map((w: string) => w.trim()),
      'select',
    ],
  ])('%s', { timeout: LIMIT_MS }, async (_, define, step) => {
    const opened: string[] = []
    const sink = { ...collectRows(), open: async () => Promise.reject(opened.push('opened')) }
    const error = await ended((s) => to(define(s), sink), { engine: 'duckdb' })
    expect(error).toMatchObject({ code: 'DS_LAMBDA', exit: 2 })
    expect(error!.what).toMatch(
      new RegExp(
        `^Step "${step}" \\(.+\\) runs as JavaScript, because of .+ at \\d+:\\d+ of its function, and duckdb needs`,
      ),
    )
    expect(error!.cure).toContain('--engine memory')
    expect(opened).toEqual([])
  })
})

/** A source whose files are changed right after they were cut: the worst moment. */
function changedAfterCut(inner: Source<any>, change: (path: string) => void): Source<any> {
  return {
    ...inner,
    async open(context) {
      const open = await inner.open(context)
      return {
        async cut(interval, draining) {
          const cut = await open.cut(interval, draining)
          for (const { path } of cut.blocks) if (path) change(path)
          return cut
        },
        done: (interval) => open.done(interval),
        close: () => open.close(),
      }
    },
  }
}

describe.each(ENGINES)('on %s', (engine) => {
  describe('a file that was cut and is not what it was when it is read stops the job', () => {
    test.each<[string, (path: string) => void, string]>([
      ['it shrank', (path) => truncateSync(path, 2), 'its size is 2 bytes, was 8'],
      ['it grew', (path) => writeFileSync(path, '{"n":1}\n{"n":2}\n'), 'its size is 16 bytes, was 8'],
      ['it was written again', (path) => utimesSync(path, 1, 1), 'it was written at 1970'],
      ['it is gone', (path) => rmSync(path), "it can't be found any more"],
      [
        'another took its place',
        (path) => {
          writeFileSync(`${path}~`, '{"n":2}\n')
          renameSync(`${path}~`, path)
        },
        'another file is there',
      ],
    ])('%s', { timeout: LIMIT_MS }, async (_, change, reason) => {
      for (const make of [
        (glob: string) => textFiles(glob),
        (glob: string) => ndjsonFiles(glob, { n: 'integer' }),
      ]) {
        const directory = temporaryDirectory()
        const path = join(directory, 'in.txt')
        writeFileSync(path, '{"n":1}\n')
        utimesSync(path, 1000, 1000)
        const out = collectRows()
        const error = await ended((s) => s.from(changedAfterCut(make(path), change)).to('out', out), {
          engine,
        })
        expect(error).toMatchObject({ code: 'DS_INPUT_CHANGED', what: expect.stringContaining(path) })
        expect(error!.what).toContain(reason)
        expect(out.rows).toEqual([])
      }
    })
  })

  test('what is no record is counted and kept, and the others are read', { timeout: LIMIT_MS }, async () => {
    const directory = temporaryDirectory()
    const files: Record<string, string | Buffer> = {
      'a.txt': 'good\n',
      'b.txt': '',
      'c.txt': Buffer.concat([Buffer.from('x'), Buffer.of(0xff), Buffer.from('\ngood too\n')]),
      'd.txt': `${'y'.repeat(17 * 1024 * 1024)}\nstill good`,
      'e.txt': '\n\n\n',
    }
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content)
    const records = collectRows<string>()
    const rejects = collectRows<any>()
    const summary = await run(
      job('bad', { interval: '1s' }, (s) => {
        const lines = s.from(textFiles(join(directory, '*.txt'), { perInterval: { files: 1 } }))
        lines.to('records', records)
        lines.rejects.to('rejects', rejects)
      }),
      { engine, until: 'drained' },
    ).finished
    expect([...records.rows].sort()).toEqual(['good', 'good too', 'still good'])
    expect(
      rejects.rows.map(({ partition, ordinal, reason }) => [partition.slice(-5), ordinal, reason]).sort(),
    ).toEqual([
      ['c.txt', 0, 'not valid UTF-8'],
      ['d.txt', 0, `${17 * 1024 * 1024} bytes long, more than the limit of ${16 * 1024 * 1024}`],
    ])
    expect(summary).toMatchObject({ records: 5, rejects: 2, reason: 'drained' })
  })

  test('with onReject "fail" the first of them stops the job', { timeout: LIMIT_MS }, async () => {
    const path = join(temporaryDirectory(), 'in.csv')
    writeFileSync(path, 'n\n1\nx\n')
    const error = await ended(
      (s) =>
        s.from(csvFiles(path, { n: 'integer' }, { onReject: 'fail' }), 'orders').to('out', collectRows()),
      { engine },
    )
    expect(error).toMatchObject({
      code: 'DS_REJECT',
      what: expect.stringMatching(/^Record 1 of .*in\.csv \(source "orders"\) does not fit: n is "x"/),
    })
  })

  test.each<[string, (directory: string) => Source<any>, string]>([
    ['a file that is not there', (directory) => textFiles(join(directory, 'none.txt')), 'none.txt'],
    [
      'a damaged gzip file',
      (directory) => {
        writeFileSync(join(directory, 'bad.gz'), 'no gzip at all')
        return textFiles(join(directory, '*.gz'))
      },
      'bad.gz',
    ],
  ])('%s is an error that names it', { timeout: LIMIT_MS }, async (_, source, name) => {
    const error = await ended((s) => s.from(source(temporaryDirectory())).to('out', collectRows()), {
      engine,
    })
    expect(error).toMatchObject({ code: 'DS_SOURCE', what: expect.stringContaining(name) })
  })

  // where blocks and sinks are kept: full-disk.test.ts. Only duckdb keeps what the reference read in files
  if (engine === 'duckdb')
    describe('a full disk', () => {
      /** A directory on a disk of 2 MB. */
      function smallDisk(skip: (reason: string) => void): string {
        const directory = join(temporaryDirectory(), 'disk')
        mkdirSync(directory)
        try {
          execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory], { stdio: 'ignore' })
        } catch {
          skip('only root can mount a small disk')
        }
        onTestFinished(() => {
          execFileSync('umount', ['-l', directory])
        })
        return directory
      }
      const rows = (n: number): string => `${'{"w":"\\u0041 not plain, so that it is copied"}\n'.repeat(n)}`

      test('where the engine keeps what the reference read', { timeout: LIMIT_MS }, async ({ skip }) => {
        const disk = smallDisk(skip)
        const input = join(temporaryDirectory(), 'in.ndjson')
        writeFileSync(input, rows(100_000))
        vi.stubEnv('TMPDIR', disk)
        const error = await ended(
          (s) =>
            s
              .from(ndjsonFiles(input, { w: 'string' }))
              .aggregate({ n: count() })
              .to('out', collectRows()),
          { engine },
        )
        expect(error).toMatchObject({
          code: 'DS_STORAGE',
          what: expect.stringContaining(disk),
          cure: expect.stringMatching(/[Ff]ree space|TMPDIR/),
        })
        expect(readdirSync(disk)).toEqual([])
      })
    })
})
