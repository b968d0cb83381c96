import { expect, test } from 'vitest'
import { generate } from '../../src/sources/generate.ts'
import { sourceContract } from '../contracts/source.ts'
import { opened, testContext } from './context.ts'

sourceContract('generate', {
  make: async (perInterval) => ({
    source: generate({ rate: 3, total: 10, ...(perInterval && { perInterval }) }),
    context: testContext(),
    arrive: async () => false,
    expected: { sequence: Array.from({ length: 10 }, (_, index) => index) },
  }),
})

test('a rate that does not divide evenly loses nothing', async () => {
  const source = await opened(generate({ rate: 2.5 }), testContext())
  source.index = 7
  const counts: number[] = []
  for (let n = 0; n < 4; n++) counts.push((await source.cut()).blocks[0]?.records ?? 0)
  expect(counts).toEqual([2, 3, 2, 3])
})

test('an interval in which none is due has no block', async () => {
  const source = await opened(generate({ rate: 0.5 }), testContext())
  expect((await source.cut()).blocks).toEqual([])
  expect((await source.cut()).blocks).toMatchObject([{ from: 0, records: 1 }])
})

test('the limit lets the rest wait', async () => {
  const source = await opened(generate({ rate: 5, total: 5, perInterval: { records: 3 } }), testContext())
  expect(await source.cut()).toMatchObject({ blocks: [{ from: 0, records: 3 }], more: true, ended: false })
  expect(await source.cut()).toMatchObject({ blocks: [{ from: 3, records: 2 }], more: false, ended: true })
})

test.each([[{ rate: 0 }], [{ rate: Number.NaN }], [{ rate: 1, total: -1 }], [{ rate: 1, totl: 1 }]])(
  'options are checked: %j',
  (options) => {
    expect(() => generate(options as never)).toThrow(expect.objectContaining({ code: 'DS_JOB' }))
  },
)
