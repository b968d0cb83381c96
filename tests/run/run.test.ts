/** What `run(job, options)` makes of its options. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type RunOptions, run } from '../../src/run/run.ts'
import { collectRows } from '../../src/sinks/collect-rows.ts'
import { stdout } from '../../src/sinks/stdout.ts'
import { textFiles } from '../../src/sources/files.ts'
import { fromArray } from '../../src/sources/from-array.ts'
import { generate } from '../../src/sources/generate.ts'
import type { Source } from '../../src/sources/source.ts'
import { tcpLines } from '../../src/sources/tcp.ts'
import { type Job, job } from '../../src/stream/job.ts'
import { temporaryDirectory } from '../sources/context.ts'
import { FakeClock, fakeSink, fakeSource, until } from './fakes.ts'

const jobOf = (source: Source<any>, sink = fakeSink()): Job =>
  job('options', { interval: '1s' }, (s) => s.from(source, 'in').to('out', sink))

/** Runs with a clock that moves on whenever an interval is done; gives up after 1000 of them. */
async function ticking(what: Job, options: RunOptions) {
  const clock = new FakeClock()
  const running = run(what, { engine: 'memory', clock, ...options })
  const delays: number[] = []
  running.on('interval', ({ interval, totalDelayMs }) => {
    delays.push(totalDelayMs)
    if (interval.index >= 1000) throw new Error('the job does not end')
    clock.tick()
  })
  clock.tick()
  const summary = await running.finished
  return { summary, nowMs: clock.now(), delays }
}

describe('until', () => {
  test.each<
    [
      string | undefined,
      Source<any>,
      string | undefined,
      { intervals: number; reason: string; nowMs: number },
    ]
  >([
    // a number of intervals, by the wall clock
    ['3i', fakeSource(), undefined, { intervals: 3, reason: 'until', nowMs: 3000 }],
    ['1i', fakeSource(), undefined, { intervals: 1, reason: 'until', nowMs: 1000 }],
    // a duration: all intervals that begin in it
    ['3s', fakeSource(), undefined, { intervals: 3, reason: 'until', nowMs: 3000 }],
    ['2500ms', fakeSource(), undefined, { intervals: 3, reason: 'until', nowMs: 3000 }],
    ['1ms', fakeSource(), undefined, { intervals: 1, reason: 'until', nowMs: 1000 }],
    ['1m', fakeSource(), '20s', { intervals: 3, reason: 'until', nowMs: 60_000 }],
    // the sources' end, by the step clock; the clock stands
    ['drained', fakeSource({ ends: 4 }), undefined, { intervals: 4, reason: 'drained', nowMs: 0 }],
    [
      'drained',
      fakeSource({ rows: (n) => (n < 2 ? ['x'] : []), ends: 3 }),
      undefined,
      { intervals: 2, reason: 'drained', nowMs: 0 },
    ],
    // nothing at all is still one interval
    [
      'drained',
      fakeSource({ rows: () => [], ends: 1 }),
      undefined,
      { intervals: 1, reason: 'drained', nowMs: 0 },
    ],
    // without it: the end of sources that end for good
    [
      undefined,
      fakeSource({ ends: 4, isFinite: true }),
      undefined,
      { intervals: 4, reason: 'drained', nowMs: 4000 },
    ],
    // whichever comes first
    [
      '2i',
      fakeSource({ ends: 4, isFinite: true }),
      undefined,
      { intervals: 2, reason: 'until', nowMs: 2000 },
    ],
    [
      '9i',
      fakeSource({ ends: 4, isFinite: true }),
      undefined,
      { intervals: 4, reason: 'drained', nowMs: 4000 },
    ],
    // files may grow: that they were read is no end
    ['6i', fakeSource({ ends: 4 }), undefined, { intervals: 6, reason: 'until', nowMs: 6000 }],
  ])('%s (case %#)', async (text, source, interval, { nowMs, ...expected }) => {
    const options: RunOptions = { ...(text && { until: text }), ...(interval && { interval }) }
    const found = await ticking(jobOf(source), options)
    expect(found.summary).toMatchObject({ ...expected, elapsedMs: nowMs })
    expect(found.nowMs).toBe(nowMs)
    expect(found.delays.every((ms) => ms === 0)).toBe(true)
  })

  test.each(['0i', '-1i', '1.5i', 'i', '', '0s', '5', 'soon', '99999999999999999999i'])(
    '%j is refused',
    async (text) => {
      const { finished } = run(jobOf(fakeSource()), { engine: 'memory', until: text })
      await expect(finished).rejects.toMatchObject({
        code: expect.stringMatching(/^DS_(USAGE|JOB)$/),
        what: expect.stringContaining(`--until is "${text}"`),
        exit: 2,
      })
    },
  )

  test('drained takes no source without an end', async () => {
    for (const [source, detail] of [
      [generate({ rate: 10 }), 'generate 10/s'],
      [tcpLines('tcp://127.0.0.1:9999'), 'tcpLines tcp://127.0.0.1:9999'],
    ] as const) {
      const sink = fakeSink()
      const { finished } = run(jobOf(source, sink), { engine: 'memory', until: 'drained' })
      await expect(finished).rejects.toMatchObject({
        code: 'DS_USAGE',
        what: `--until drained: the source "in" (${detail}) has no end.`,
        cure: 'Give a duration (--until 30s) or a number of intervals (--until 20i).',
      })
      expect(sink.log).toEqual([])
    }
    // with an end it is taken
    const { summary } = await ticking(jobOf(generate({ rate: 10, total: 25 })), { until: 'drained' })
    expect(summary).toMatchObject({ intervals: 3, records: 25, reason: 'drained' })
  })
})

describe('the other options', () => {
  test('engine: duckdb where it is left out, and an unknown one is refused', async () => {
    const sum = (): Job =>
      job('engines', { interval: '1s' }, (s) =>
        // what only JavaScript can do, and nothing says what it returns: duckdb refuses it
        s
          .from(fromArray(['a'], 'string'))
          .map((word) => word.normalize())
          .to('out', collectRows()),
      )
    expect((await run(sum(), { engine: 'memory', until: 'drained' }).finished).records).toBe(1)
    await expect(run(sum(), { engine: 'duckdb', until: 'drained' }).finished).rejects.toMatchObject({
      code: 'DS_LAMBDA',
    })
    await expect(run(sum(), { until: 'drained' }).finished).rejects.toMatchObject({ code: 'DS_LAMBDA' })
    await expect(run(sum(), { engine: 'spark' as 'memory' }).finished).rejects.toMatchObject({
      code: 'DS_USAGE',
      what: 'There is no engine "spark".',
      cure: 'The engines are duckdb and memory.',
    })
  })

  test('params reach the job', async () => {
    const rows = collectRows<string>()
    const filtered = job('params', { interval: '1s', params: { least: 'number' } }, (s, { least }) =>
      s
        .from(fromArray(['a', 'bbb', 'cc'], 'string'))
        .filter((word) => word.length >= least)
        .to('out', rows),
    )
    await run(filtered, { engine: 'memory', until: 'drained', params: { least: 2 } }).finished
    expect(rows.rows).toEqual(['bbb', 'cc'])
    await expect(run(filtered, { engine: 'memory', until: 'drained' }).finished).rejects.toThrow('least')
  })

  test('format and print are what stdout gets', async () => {
    const texts: string[] = []
    const printing = job('print', { interval: '1s' }, (s) =>
      s.from(fromArray([{ n: 1 }, { n: 2 }], { n: 'integer' })).to('out', stdout()),
    )
    await run(printing, {
      engine: 'memory',
      until: 'drained',
      format: 'ndjson',
      print: (text) => void texts.push(text),
    }).finished
    expect(texts.join('')).toBe(
      '{"step":"out","interval":0,"row":{"n":1}}\n{"step":"out","interval":0,"row":{"n":2}}\n',
    )
  })
})

describe('the handle', () => {
  test('what the job itself does wrong rejects `finished`, and throws nothing', async () => {
    const { finished } = run(
      job('broken', { interval: '1s' }, () => {
        throw new Error('by the test')
      }),
    )
    await expect(finished).rejects.toMatchObject({
      code: 'DS_JOB',
      what: 'The function of job broken threw: by the test.',
    })
  })

  test('stop ends a job that has no end, with its summary', async () => {
    const clock = new FakeClock()
    const running = run(jobOf(fakeSource()), { engine: 'memory', clock })
    const seen: number[] = []
    running.on('interval', ({ interval }) => seen.push(interval.index))
    clock.tick()
    await until(() => seen.length === 1, 'the first interval')
    expect(await running.stop()).toEqual(await running.finished)
    expect(await running.stop()).toMatchObject({ intervals: 1, records: 1, reason: 'stopped' })
    expect(seen).toEqual([0])
  })

  test('stop at once', async () => {
    const source = fakeSource()
    const running = run(jobOf(source), { engine: 'memory', clock: new FakeClock() })
    expect(await running.stop()).toMatchObject({ intervals: 0, reason: 'stopped' })
    expect(source.cuts).toEqual([])
  })

  test('warnings name the source', async () => {
    const warnings: string[] = []
    const running = run(jobOf(textFiles('nothing-*.log')), {
      engine: 'memory',
      until: 'drained',
      directory: temporaryDirectory(),
    })
    running.on('warning', (text) => warnings.push(text))
    await running.finished
    expect(warnings).toEqual(['source "in": no file matches nothing-*.log yet'])
  })
})

describe('the directory of the job', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  const blocks = (written: string[]): Source<string> =>
    fakeSource({
      ends: 1,
      async open({ blockFiles }) {
        const file = await blockFiles.create('in', '.txt')
        written.push(file.path)
        await file.close()
      },
    })

  test('is `dir`, of which only the block files are removed at the end', async () => {
    const dir = temporaryDirectory()
    mkdirSync(join(dir, 'mine'))
    const written: string[] = []
    await run(jobOf(blocks(written)), { engine: 'memory', until: 'drained', dir }).finished
    expect(written).toEqual([join(dir, 'blocks', 'in', '000000000.txt')])
    expect(readdirSync(dir)).toEqual(['mine'])
  })

  test.each(['memory', 'duckdb'] as const)(
    'is a temporary one where it is left out; after the job nothing of %s is left',
    async (engine) => {
      const temporary = temporaryDirectory()
      vi.stubEnv('TMPDIR', temporary)
      const written: string[] = []
      await run(jobOf(blocks(written)), { engine, until: 'drained' }).finished
      expect(written[0]!.startsWith(`${temporary}/dstreams-`)).toBe(true)
      const failing = fakeSource({ rows: () => Promise.reject(new Error('by the test')) })
      await expect(run(jobOf(failing), { engine, until: 'drained' }).finished).rejects.toThrow('by the test')
      await expect(run(jobOf(fakeSource()), { engine, until: 'never' }).finished).rejects.toThrow('never')
      await expect(run(jobOf(fakeSource()), { engine: 'spark' as 'memory' }).finished).rejects.toThrow(
        'spark',
      )
      expect(existsSync(written[0]!)).toBe(false)
      expect(readdirSync(temporary)).toEqual([])
    },
  )
})
