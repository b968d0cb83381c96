/** The clock and chance are found in the text of functions, and refused when the job is built. */
import { describe, expect, it } from 'vitest'
import { undetermined } from '../../src/expression/determinism.ts'
import { collectRows, count, fromArray, job, run } from '../../src/index.ts'
import { buildPlan } from '../../src/stream/job.ts'
import { functionOf } from './oracle.ts'

describe('found', () => {
  it.each([
    ['e => Date.now() - e.at', 'Date.now()', 'time'],
    ['e => new Date().getTime()', 'new Date()', 'time'],
    ['e => Date()', 'Date()', 'time'],
    ['e => new Date', 'new Date', 'time'],
    ["e => globalThis.Date['now']()", "globalThis.Date['now']()", 'time'],
    ['e => performance.now()', 'performance.now()', 'time'],
    ['e => process.hrtime.bigint()', 'process.hrtime', 'time'],
    ['e => Math.random() < 0.5', 'Math.random()', 'chance'],
    ['e => crypto.randomUUID()', 'crypto.randomUUID()', 'chance'],
    ['e => globalThis.crypto.getRandomValues(e)', 'globalThis.crypto.getRandomValues(e)', 'chance'],
    ['e => randomBytes(4)', 'randomBytes(4)', 'chance'],
    ['e => e.words.map(() => { return Math.random() })', 'Math.random()', 'chance'],
    ['e => (0, Date.now)()', 'Date.now', 'time'],
    ['e => { const { random } = Math; return random() }', '{ random } = Math', 'chance'],
    ['e => e.words.map(Date.now)', 'Date.now', 'time'],
    ['e => { { const Date = 1 } return Date.now() }', 'Date.now()', 'time'],
    ['function (e) { if (e.a) { return Date?.now() } return 0 }', 'Date?.now()', 'time'],
  ] as const)('%s', (text, construct, reads) => {
    expect(undetermined(functionOf(text))).toMatchObject({
      construct,
      why: expect.stringContaining(reads === 'time' ? 'clock' : 'random'),
    })
  })
})

describe('not found', () => {
  it.each([
    'e => new Date(e.at).getTime()',
    'e => Date.UTC(2020, 1)',
    'e => Math.floor(e.n)',
    'e => e.Date.now()',
    'e => clock.now()',
    '(e, ctx) => ctx.random() + ctx.interval.fromMs',
    '({ Date }) => Date.now()',
    'e => { const Math = e.math; return Math.random() }',
    "e => 'Date.now()'",
  ])('%s', (text) => {
    expect(undetermined(functionOf(text))).toBeUndefined()
  })
})

describe('refused when the job is built, on every engine', () => {
  const numbers = () => fromArray([1], 'integer')
  const built = (define: (s: any) => any) => () =>
    buildPlan(job('clock', { interval: '1s' }, (s) => define(s.from(numbers())).to('out', collectRows())))

  it('names the step, the place and the cure', () => {
    expect(built((s) => s.map((n: number) => ({ n, at: Date.now() })))).toThrow(
      expect.objectContaining({
        code: 'DS_LAMBDA',
        what: expect.stringMatching(
          /^The function of map after step "fromArray" reads a clock.*: `Date.now\(\)` at \d+:\d+\.$/,
        ),
        cure: expect.stringMatching(/ctx\.interval\.fromMs/),
      }),
    )
    expect(built((s) => s.filter(() => Math.random() < 0.5))).toThrow(
      /filter after step "fromArray" draws random numbers.*ctx\.random/,
    )
  })

  it.each([
    ['a key', (s: any) => s.groupBy(() => ({ k: Math.random() })).aggregate({ n: count() })],
    ['an aggregate', (s: any) => s.aggregate({ n: count(() => Math.random() > 0.5) })],
    ['transform', (s: any) => s.transform((rows: unknown[]) => [...rows, Date.now()])],
    [
      'a reducer',
      (s: any) => s.groupBy(() => ({ k: 1 })).reduce((a: number, b: number) => a + b * Math.random()),
    ],
  ])('in %s', (_, define) => {
    expect(built(define)).toThrow(/draws random numbers|reads a clock/)
  })
})

describe('run with verify', () => {
  const numbers = () => fromArray([1, 2, 3], 'integer')
  let calls = 0
  const forgetful = (n: number): number => n + (calls++ % 5)

  it.each(['memory', 'duckdb'] as const)('names the step whose rows differ, on %s', async (engine) => {
    const honest = (s: any) => s.map((n: number) => forgetful(0) * 0 + n, { returns: 'integer' })
    const verified = (define: (s: any) => any) =>
      run(
        job('verify', { interval: '1s' }, (s) => define(s.from(numbers())).to('out', collectRows())),
        { engine, until: 'drained', verify: true },
      ).finished
    expect(await verified(honest)).toMatchObject({ records: 3 })
    await expect(verified((s) => honest(s).map(forgetful, { returns: 'integer' }))).rejects.toMatchObject({
      code: 'DS_FUNCTION',
      what: expect.stringMatching(/^Step "select 2" \(select\) gave other rows when it was computed again/),
    })
    await expect(
      verified((s) => s.transform((rows: number[]) => rows.map(forgetful), { returns: 'integer' })),
    ).rejects.toMatchObject({ what: expect.stringMatching(/^Step "apply"/) })
    await expect(
      verified((s) => s.groupBy(() => ({ k: 1 })).reduce((a: number, b: number) => forgetful(a) + b)),
    ).rejects.toMatchObject({ what: expect.stringMatching(/^Step "aggregate"/) })
  })
})

describe('the same random numbers', () => {
  const drawn = async (engine: 'memory' | 'duckdb', name: string, cut: number[]) => {
    const rows = collectRows<any>()
    await run(
      job(name, { interval: '1s' }, (s) =>
        s
          .from(fromArray(['a', 'b', 'c', 'd'], 'string', { cut }))
          .map((text, ctx) => ({ text, first: ctx.random(), second: ctx.random() }), {
            returns: { text: 'string', first: 'number', second: 'number' },
          })
          .to('rows', rows),
      ),
      { engine, until: 'drained' },
    ).finished
    return rows.rows
  }

  it('on every engine, in every cut, and others in another job', async () => {
    const rows = await drawn('memory', 'one', [4])
    expect(await drawn('duckdb', 'one', [1, 2, 1])).toEqual(rows)
    expect(await drawn('memory', 'one', [2, 2])).toEqual(rows)
    expect(await drawn('memory', 'two', [4])).not.toEqual(rows)
    const numbers = rows.flatMap(({ first, second }) => [first, second])
    expect(new Set(numbers).size).toBe(8)
    for (const number of numbers) expect(number).toBeGreaterThanOrEqual(0)
    for (const number of numbers) expect(number).toBeLessThan(1)
  })
})
