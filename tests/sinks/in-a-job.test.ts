import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  collectRows,
  count,
  csv,
  forEach,
  fromArray,
  job,
  ndjson,
  parquet,
  run,
  type Sink,
  stdout,
} from '../../src/index.ts'
import { buildPlan } from '../../src/stream/job.ts'

const words = fromArray(['a', 'b', 'a', 'a'], 'string', { cut: [3, 1] })

for (const engine of ['memory', 'duckdb'] as const)
  describe(`sinks in a job on ${engine}`, () => {
    const drain = (built: ReturnType<typeof job>) => run(built, { engine, until: 'drained' }).finished

    it('collectRows keeps the rows of each interval', async () => {
      const rows = collectRows<string>()
      const totals = collectRows<{ word: string; n: number }>()
      const built = job('collect', { interval: '1s' }, (s) => {
        const stream = s.from(words)
        stream.to('rows', rows)
        stream
          .groupBy((word) => ({ word }))
          .aggregate({ n: count() })
          .running()
          .to('totals', totals)
      })
      for (const _ of ['first run', 'second run']) {
        await drain(built)
        expect([...rows.rows].sort()).toEqual(['a', 'a', 'a', 'b'])
        expect(rows.intervals.get(1)).toEqual(['a'])
        expect([...totals.last].sort((a, b) => a.n - b.n)).toEqual([
          { word: 'b', n: 1 },
          { word: 'a', n: 3 },
        ])
      }
    })

    it('forEach is given the rows and the interval, in order, one at a time', async () => {
      const given: [number, number][] = []
      let isBusy = false
      const built = job('each', { interval: '1s' }, (s) =>
        s.from(words).to(
          'each',
          forEach(async (rows, interval) => {
            expectTypeOf(rows).toEqualTypeOf<readonly string[]>()
            expect(isBusy).toBe(false)
            isBusy = true
            await new Promise((resolve) => setTimeout(resolve, 5))
            isBusy = false
            given.push([interval.index, rows.length])
          }),
        ),
      )
      await drain(built)
      expect(given).toEqual([
        [0, 3],
        [1, 1],
      ])
    })

    it('stops the job when forEach throws, naming the step and the interval', async () => {
      const built = job('each', { interval: '1s' }, (s) =>
        s.from(words).to(
          'each',
          forEach((rows) => {
            if (rows.length === 1) throw new Error('no room')
          }),
        ),
      )
      await expect(drain(built)).rejects.toMatchObject({
        code: 'DS_SINK',
        what: 'Sink "each" failed in interval 1: no room.',
      })
    })

    it('files of a table hold its changes, or its contents', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'dstreams-files-'))
      const built = job('files', { interval: '1s' }, (s) => {
        const totals = s
          .from(words)
          .groupBy((word) => ({ word }))
          .aggregate({ n: count() })
          .running()
        totals.to('changes', ndjson(join(directory, 'changes')))
        totals.to('snapshots', csv(join(directory, 'snapshots'), { mode: 'snapshots' }))
        totals.to('parquet', parquet(join(directory, 'parquet')))
      })
      await drain(built)
      const lines = async (name: string): Promise<string[]> =>
        (await readFile(join(directory, name), 'utf8')).split('\n').sort()
      expect(await lines('changes/000000001.ndjson')).toEqual(['', '{"op":"upsert","word":"a","n":3}'])
      expect(await lines('snapshots/000000001.csv')).toEqual(['', 'a,3', 'b,1', 'word,n'])
      expect((await readdir(join(directory, 'parquet'))).sort()).toEqual([
        '.dstreams.json',
        '000000000.parquet',
        '000000001.parquet',
      ])
      await rm(directory, { recursive: true, force: true })
    })
  })

describe('sinks when a job is built', () => {
  it('what a sink can not take is refused with the name of its step', () => {
    const built = job('refused', { interval: '1s' }, (s) =>
      s.from(fromArray([], { tags: 'string[]' })).to('out', csv('out')),
    )
    expect(() => buildPlan(built)).toThrow(
      'Sink "out" (csv): the column tags is string[], which has no place in CSV. Map it to texts or numbers, one field each, or write NDJSON or Parquet.',
    )
  })

  it('one collectRows can not be the sink of two steps', async () => {
    const rows = collectRows()
    const built = job('twice', { interval: '1s' }, (s) => {
      const stream = s.from(words)
      stream.to('one', rows)
      stream.to('two', rows)
    })
    await expect(run(built, { engine: 'memory', until: 'drained' }).finished).rejects.toThrow(
      'One collectRows() is the sink of two steps, "one" and "two". Make one for each.',
    )
  })

  it('sinks take the rows that fit them and no others', () => {
    expectTypeOf(stdout()).toExtend<Sink<{ a: number }>>()
    expectTypeOf(ndjson('x')).toExtend<Sink<string>>()
    expectTypeOf(collectRows<{ a: number }>()).toExtend<Sink<{ a: number; b: string }>>()
    expectTypeOf(collectRows<{ a: number }>()).not.toExtend<Sink<{ b: string }>>()
  })
})
