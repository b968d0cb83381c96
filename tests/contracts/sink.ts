/**
 * What every sink that keeps its output must do, whatever it writes to.
 *
 * A sink's test file calls this with a way to make the sink and a way to read what it made visible. A gap is written
 * down with its reason.
 */
import { describe, expect, it } from 'vitest'
import type { Interval } from '../../src/interval/interval.ts'
import { INTEGER, STRING, structOf, type Type } from '../../src/schema/type.ts'
import type { Output, Sink, SinkContext } from '../../src/sinks/sink.ts'

export interface SinkUnderTest {
  readonly sink: Sink
  readonly directory: string
  /** What a reader sees now: the visible output per interval, as text that is equal where the output is. */
  visible(): Promise<ReadonlyMap<number, string>>
  cleanUp(): Promise<void>
}

type Case = 'writes again' | 'never overwrites' | 'appears whole' | 'keeps order'

export interface SinkContract {
  readonly name: string
  make(): Promise<SinkUnderTest>
  /** Writes rows as the engine would, for `output.parquet`. */
  parquet?(rows: readonly unknown[], type: Type, path: string): Promise<void>
  readonly skip?: readonly { readonly test: Case; readonly reason: string }[]
}

export const ROW_TYPE = structOf([
  { name: 'word', type: STRING },
  { name: 'n', type: INTEGER },
])

export const intervalOf = (index: number): Interval => ({
  index,
  fromMs: 1_800_000_000_000 + index * 1000,
  toMs: 1_800_000_001_000 + index * 1000,
})

export const contextOf = (directory: string, more: Partial<SinkContext> = {}): SinkContext => ({
  job: 'job',
  step: 'out',
  flow: 'stream',
  type: ROW_TYPE,
  key: undefined,
  directory,
  format: 'table',
  print: () => {},
  ...more,
})

/** The rows of an interval; `parquet` is given where the sink under test needs it. */
export const outputOf = (rows: readonly unknown[], parquet: SinkContract['parquet'] = notAsked): Output => ({
  rows: async () => rows,
  parquet: async (path) => {
    await parquet(rows, ROW_TYPE, path)
    return rows.length
  },
})

const notAsked = async (): Promise<void> => {
  throw new Error('this sink writes no Parquet')
}

export function sinkContract({ name, make, parquet, skip = [] }: SinkContract): void {
  const test = (which: Case, body: (under: SinkUnderTest) => Promise<void>): void => {
    const gap = skip.find((entry) => entry.test === which)
    // a gap is written down with its reason where the contract is used; it is no test
    if (gap) return
    it(which, async () => {
      const under = await make()
      try {
        await body(under)
      } finally {
        await under.cleanUp()
      }
    })
  }
  const rows = (n: number): unknown[] => [
    { word: 'a', n },
    { word: 'b', n: n + 1 },
  ]

  describe(`contract of the sink ${name}`, () => {
    test('writes again', async ({ sink, directory, visible }) => {
      const first = await sink.open(contextOf(directory))
      await first.write(intervalOf(0), outputOf(rows(1), parquet))
      await first.write(intervalOf(1), outputOf(rows(2), parquet))
      await first.close()
      const before = await visible()
      // as after a crash: the last intervals come again, then new ones
      const second = await sink.open(contextOf(directory))
      await second.write(intervalOf(1), outputOf(rows(2), parquet))
      await second.write(intervalOf(2), outputOf(rows(3), parquet))
      await second.close()
      const after = await visible()
      expect([...after.keys()].sort()).toEqual([0, 1, 2])
      expect(after.get(0)).toBe(before.get(0))
      expect(after.get(1)).toBe(before.get(1))
    })

    test('never overwrites', async ({ sink, directory, visible }) => {
      const open = await sink.open(contextOf(directory))
      await open.write(intervalOf(0), outputOf(rows(1), parquet))
      const before = await visible()
      await open.write(intervalOf(0), outputOf(rows(100), parquet))
      await open.close()
      expect(await visible()).toEqual(before)
    })

    test('appears whole', async ({ sink, directory, visible }) => {
      const open = await sink.open(contextOf(directory))
      await open.write(intervalOf(0), outputOf(rows(1), parquet))
      const failing: Output = {
        rows: () => Promise.reject(new Error('the engine failed')),
        parquet: () => Promise.reject(new Error('the engine failed')),
      }
      await expect(open.write(intervalOf(1), failing)).rejects.toThrow('the engine failed')
      expect([...(await visible()).keys()]).toEqual([0])
      await open.write(intervalOf(1), outputOf(rows(2), parquet))
      await open.close()
      expect([...(await visible()).keys()]).toEqual([0, 1])
    })

    test('keeps order', async ({ sink, directory, visible }) => {
      const open = await sink.open(contextOf(directory))
      for (const index of [0, 1, 2, 3]) {
        await open.write(intervalOf(index), outputOf(rows(index), parquet))
        expect([...(await visible()).keys()].sort()).toEqual(Array.from({ length: index + 1 }, (_, at) => at))
      }
      await open.close()
    })
  })
}
