import { expect, test } from 'vitest'
import { fromArray } from '../../src/sources/from-array.ts'
import { sourceContract } from '../contracts/source.ts'
import { opened, recordsOf, testContext } from './context.ts'

const ROWS = [{ n: 0 }, { n: 1 }, { n: 'two' }, { n: 3 }, { n: 4 }]

sourceContract('fromArray', {
  make: async (perInterval) => ({
    source: fromArray(ROWS, { n: 'integer' }, perInterval ? { perInterval } : {}),
    context: testContext(),
    arrive: async () => false,
    expected: { rows: [{ n: 0 }, { n: 1 }, undefined, { n: 3 }, { n: 4 }] },
  }),
})

test('cut gives each interval its rows, the last ones to the intervals after', async () => {
  const source = fromArray(['a', 'b', 'c', 'd'], 'string', { cut: [2, 0, 1] })
  const open = await opened(source, testContext())
  const texts: string[][] = []
  const ends: boolean[] = []
  for (let n = 0; n < 4; n++) {
    const cut = await open.cut()
    texts.push(await recordsOf(cut.blocks, source))
    ends.push(cut.ended)
    expect(cut.more).toBe(false)
  }
  expect(texts).toEqual([['rows:0 a', 'rows:1 b'], [], ['rows:2 c'], ['rows:3 d']])
  expect(ends).toEqual([false, false, false, true])
})

test('empty intervals at the end are still intervals', async () => {
  const open = await opened(fromArray(['a'], 'string', { cut: [1, 0, 0] }), testContext())
  expect([await open.cut(), await open.cut(), await open.cut()].map((cut) => cut.ended)).toEqual([
    false,
    false,
    true,
  ])
})

test('what happens to the array later does not matter', async () => {
  const rows = ['a']
  const source = fromArray(rows, 'string')
  rows.push('b')
  const open = await opened(source, testContext())
  expect(await recordsOf((await open.cut()).blocks, source)).toEqual(['rows:0 a'])
})

test('options are checked', () => {
  const code = expect.objectContaining({ code: 'DS_JOB' })
  expect(() => fromArray([], 'string', { cut: [1], perInterval: { records: 1 } })).toThrow(code)
  expect(() => fromArray([], 'string', { cut: [-1] })).toThrow(code)
  expect(() => fromArray([], 'string', { perInterval: { bytes: 1 } })).toThrow(code)
  expect(() => fromArray([], 'string', { perInterval: { records: 0 } })).toThrow(
    'fromArray: perInterval.records is 0; it must be a whole number of at least 1.',
  )
})
