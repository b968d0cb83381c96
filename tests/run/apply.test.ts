/** transform and enrich: functions of the user that get whole datasets, on both engines. */
import { describe, expect, it } from 'vitest'
import { asc, collectRows, type DStream, desc, fromArray, job, nullable, run } from '../../src/index.ts'

interface Reading {
  sensor: string
  value: number
  at: { x: number } | null
}
const READING = { sensor: 'string', value: 'number', at: nullable({ x: 'integer' }) } as const
const READINGS: readonly Reading[] = [
  { sensor: 'b', value: 2, at: { x: 1 } },
  { sensor: 'a', value: 5, at: null },
  { sensor: '\ufeffc', value: 1, at: { x: -1 } },
  { sensor: 'a', value: 3, at: null },
]
const ENGINES = ['memory', 'duckdb'] as const

/** Runs a job over the readings, three in the first interval and one in the second. */
async function run2(engine: (typeof ENGINES)[number], define: (readings: DStream<Reading, any>) => any) {
  const collected = collectRows<any>()
  await run(
    job('apply', { interval: '1s' }, (s) =>
      define(s.from(fromArray(READINGS as Reading[], READING, { cut: [3, 1] }))).to('rows', collected),
    ),
    { engine, until: 'drained' },
  ).finished
  return [...collected.intervals.values()]
}

describe.each(ENGINES)('on %s', (engine) => {
  it('transform gets the rows of an interval, sorted by their fields', async () => {
    const intervals = await run2(engine, (s) =>
      s.transform((rows) => rows.map((row, index) => ({ ...row, index })), {
        returns: { ...READING, index: 'integer' },
      }),
    )
    expect(intervals).toEqual([
      [
        { ...READINGS[1], index: 0 },
        { ...READINGS[0], index: 1 },
        { ...READINGS[2], index: 2 },
      ],
      [{ ...READINGS[3], index: 0 }],
    ])
  })

  it('transform gets sorted rows in their order, and its rows go on', async () => {
    const intervals = await run2(engine, (s) =>
      s
        .sortBy(desc((row) => row.value))
        .transform(
          (rows, { interval, params }) => [
            { first: rows[0]!.sensor, n: rows.length, at: interval.index + params.plus },
          ],
          {
            returns: { first: 'string', n: 'integer', at: 'integer' },
            plus: 10,
          },
        )
        .filter((row) => row.n > 0)
        .map((row) => ({ first: row.first, at: row.at })),
    )
    expect(intervals).toEqual([[{ first: 'a', at: 10 }], [{ first: 'a', at: 11 }]])
  })

  it('transform of a table gets its content each time it changes', async () => {
    const intervals = await run2(engine, (s) =>
      s.window('2s').transform((rows) => [{ total: rows.reduce((sum, row) => sum + row.value, 0) }], {
        returns: { total: 'number' },
      }),
    )
    expect(intervals).toEqual([[{ total: 8 }], [{ total: 11 }]])
  })

  it('the changes of a transformed table are those of its rows', async () => {
    const intervals = await run2(engine, (s) =>
      s
        .running()
        .transform((rows) => rows.filter((row) => row.sensor === 'a'), { returns: READING })
        .changes()
        .sortBy(asc((row) => row.value)),
    )
    expect(intervals).toEqual([[{ op: 'upsert', ...READINGS[1] }], [{ op: 'upsert', ...READINGS[3] }]])
  })

  it('enrich asks some rows at a time, side by side, and puts the answers in order', async () => {
    const asked: number[] = []
    let [now, most] = [0, 0]
    const intervals = await run2(engine, (s) =>
      s
        .flatMap((row) => [row, { ...row, value: row.value + 0.5 }], { returns: READING })
        .enrich(
          async (rows) => {
            asked.push(rows.length)
            most = Math.max(most, ++now)
            await new Promise((resolve) => setTimeout(resolve, 5 - rows.length))
            now--
            return rows.map((row) => ({ name: `${row.sensor}-${row.value}` }))
          },
          { returns: { name: 'string' }, size: 2, concurrency: 2 },
        ),
    )
    expect(intervals.map((rows) => rows.map(({ name }) => name).sort())).toEqual([
      ['a-5', 'a-5.5', 'b-2', 'b-2.5', '\ufeffc-1', '\ufeffc-1.5'].sort(),
      ['a-3', 'a-3.5'],
    ])
    expect(asked).toEqual([2, 2, 2, 2])
    expect(most).toBe(2)
  })

  it('enrich asks again where it failed, and gives up', async () => {
    let calls = 0
    const intervals = await run2(engine, (s) =>
      s.enrich(
        async (rows) => {
          if (++calls === 1) throw new Error('busy')
          return rows
        },
        { returns: READING },
      ),
    )
    expect(intervals.flat()).toHaveLength(4)
    expect(calls).toBe(3)
    calls = 0
    const failing = run2(engine, (s) =>
      s.enrich(
        async () => {
          calls++
          throw new Error('closed')
        },
        { returns: READING, retries: 1 },
      ),
    )
    await expect(failing).rejects.toMatchObject({
      code: 'DS_FUNCTION',
      what: expect.stringMatching(
        /step "apply" \(enrich\) failed 2 times, the last time in interval 0: closed/,
      ),
    })
    expect(calls).toBe(2)
  })

  it('enrich ends calls that take too long', async () => {
    const reasons: string[] = []
    const failing = run2(engine, (s) =>
      s.enrich(
        (_, { signal }) =>
          new Promise<Reading[]>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason.message)
              reject(signal.reason)
            })
          }),
        { returns: READING, retries: 0, timeout: '20ms' },
      ),
    )
    await expect(failing).rejects.toMatchObject({ what: expect.stringContaining('more than 20 ms') })
    expect(reasons).toEqual(['it took more than 20 ms'])
  })

  it('what does not fit stops the job', async () => {
    const wrong = run2(engine, (s) => s.transform(() => [{ sensor: 1 }], { returns: READING } as any))
    await expect(wrong).rejects.toMatchObject({
      code: 'DS_FUNCTION',
      what: expect.stringMatching(/\(transform\) failed in interval 0: .*sensor is 1, not string/),
    })
    const none = run2(engine, (s) => s.transform((() => 5) as any, { returns: READING } as any))
    await expect(none).rejects.toMatchObject({ what: expect.stringMatching(/number instead of rows/) })
  })
})

it('refuses what enrich can not do', async () => {
  const define = (options: object) => () =>
    run2('memory', (s) => s.enrich(async (rows) => rows, options as any))
  await expect(define({ size: 0 })()).rejects.toMatchObject({
    code: 'DS_JOB',
    what: expect.stringContaining('size is 0'),
  })
  await expect(define({ timeout: 'soon' })()).rejects.toMatchObject({ code: 'DS_JOB' })
})
