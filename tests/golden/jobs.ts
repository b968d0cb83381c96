/**
 * Whole jobs with what they must give, worked out by hand or by plain loops over the input that share nothing with the
 * code under test. A stream's sink has rows (maybe none) for every interval, a table's for every one that may have
 * changed it.
 */
import { createHash } from 'node:crypto'
import { count, max, sum } from '../../src/plan/aggregate.ts'
import { asc, desc } from '../../src/plan/order.ts'
import { fromArray } from '../../src/sources/from-array.ts'
import type { Golden, Rows } from './ways.ts'

// ---- words over a window ---------------------------------------------------------------------------------------

/** The lines of each of 40 intervals: a little text again and again, with gaps in which nothing comes. */
const TEXT = 'the cat sat on the mat and the dog sat on the cat while a bird sang of the mat'.split(' ')
const LINES: readonly (readonly string[])[] = Array.from({ length: 40 }, (_, n) => {
  if (n % 7 === 5 || (n > 20 && n < 28)) return []
  const from = (n * 5) % TEXT.length
  return [TEXT.slice(from, from + 4).join(' '), n % 3 === 0 ? 'the  end' : '']
})

/** The ten most frequent words of the last six intervals, counted again from the lines at each of them. */
function topWords(): Record<number, readonly unknown[]> {
  const tops: Record<number, readonly unknown[]> = {}
  for (let n = 0; n < LINES.length; n++) {
    const counts = new Map<string, number>()
    for (const line of LINES.slice(Math.max(0, n - 5), n + 1).flat())
      for (const word of line.split(' ')) if (word) counts.set(word, (counts.get(word) ?? 0) + 1)
    tops[n] = [...counts]
      .map(([word, times]) => ({ word, n: times }))
      .sort((a, b) => b.n - a.n || (a.word < b.word ? -1 : 1))
      .slice(0, 10)
  }
  return tops
}

const wordcount: Golden = {
  interval: '1s',
  intervals: LINES.length,
  define: (s, to) =>
    s
      .from(fromArray(LINES.flat(), 'string', { cut: LINES.map((lines) => lines.length) }))
      .flatMap((line) => line.split(' '))
      .filter((word) => word !== '')
      .window('6s', { slide: '1s' })
      .groupBy((word) => ({ word }))
      .aggregate({ n: count() })
      .top(
        10,
        desc((r) => r.n),
        asc((r) => r.word),
      )
      .to('top words', to('top words')),
  expected: { 'top words': topWords() },
  sorted: ['top words'],
}

// ---- orders ----------------------------------------------------------------------------------------------------

const ORDER = { shop: 'string', price: 'number', items: 'integer' } as const
const ORDERS = [
  // interval 0
  { shop: 'north', price: 10.1, items: 1 },
  { shop: 'south', price: 20.2, items: 2 },
  { shop: 'north', price: 30.3, items: 3 },
  // interval 1
  { shop: 'south', price: -20.2, items: 2 },
  // interval 2: nothing
  // interval 3
  { shop: 'east', price: 5, items: 1 },
  { shop: 'north', price: 1e15, items: 1 },
  // interval 4: what is subtracted again leaves no trace
  { shop: 'north', price: -1e15, items: 1 },
]
const orders = () => fromArray(ORDERS, ORDER, { cut: [3, 1, 0, 2, 1] })

const totals: Golden = {
  interval: '1s',
  intervals: 5,
  define: (s, to) => {
    const running = s
      .from(orders())
      .groupBy((order) => ({ shop: order.shop }))
      .aggregate({ n: count(), total: sum((order) => order.price), most: max((order) => order.items) })
      .running()
    running.to('totals', to('totals'))
    running.changes().to('changes', to('changes'))
    running
      .sortBy(desc((row) => row.n))
      .limit(1)
      .to('busiest', to('busiest'))
  },
  expected: {
    totals: {
      0: [
        { shop: 'north', n: 2, total: 40.4, most: 3 },
        { shop: 'south', n: 1, total: 20.2, most: 2 },
      ],
      1: [
        { shop: 'north', n: 2, total: 40.4, most: 3 },
        { shop: 'south', n: 2, total: 0, most: 2 },
      ],
      2: [
        { shop: 'north', n: 2, total: 40.4, most: 3 },
        { shop: 'south', n: 2, total: 0, most: 2 },
      ],
      3: [
        { shop: 'north', n: 3, total: 1000000000000040.4, most: 3 },
        { shop: 'south', n: 2, total: 0, most: 2 },
        { shop: 'east', n: 1, total: 5, most: 1 },
      ],
      4: [
        { shop: 'north', n: 4, total: 40.4, most: 3 },
        { shop: 'south', n: 2, total: 0, most: 2 },
        { shop: 'east', n: 1, total: 5, most: 1 },
      ],
    },
    changes: {
      0: [
        { op: 'upsert', shop: 'north', n: 2, total: 40.4, most: 3 },
        { op: 'upsert', shop: 'south', n: 1, total: 20.2, most: 2 },
      ],
      1: [{ op: 'upsert', shop: 'south', n: 2, total: 0, most: 2 }],
      2: [],
      3: [
        { op: 'upsert', shop: 'north', n: 3, total: 1000000000000040.4, most: 3 },
        { op: 'upsert', shop: 'east', n: 1, total: 5, most: 1 },
      ],
      4: [{ op: 'upsert', shop: 'north', n: 4, total: 40.4, most: 3 }],
    },
    busiest: {
      // a tie goes to the shop that comes first
      0: [{ shop: 'north', n: 2, total: 40.4, most: 3 }],
      1: [{ shop: 'north', n: 2, total: 40.4, most: 3 }],
      2: [{ shop: 'north', n: 2, total: 40.4, most: 3 }],
      3: [{ shop: 'north', n: 3, total: 1000000000000040.4, most: 3 }],
      4: [{ shop: 'north', n: 4, total: 40.4, most: 3 }],
    },
  },
}

/** What leaves a window is told as a delete. */
const windowChanges: Golden = {
  interval: '1s',
  intervals: 5,
  define: (s, to) =>
    s
      .from(orders())
      .window('2s')
      .groupBy((order) => ({ shop: order.shop }))
      .aggregate({ n: count() })
      .changes()
      .to('changes', to('changes')),
  expected: {
    changes: {
      0: [
        { op: 'upsert', shop: 'north', n: 2 },
        { op: 'upsert', shop: 'south', n: 1 },
      ],
      1: [{ op: 'upsert', shop: 'south', n: 2 }],
      // of the window of 1 and 2 only south's second order is left
      2: [
        { op: 'delete', shop: 'north', n: 2 },
        { op: 'upsert', shop: 'south', n: 1 },
      ],
      3: [
        { op: 'delete', shop: 'south', n: 1 },
        { op: 'upsert', shop: 'east', n: 1 },
        { op: 'upsert', shop: 'north', n: 1 },
      ],
      4: [{ op: 'upsert', shop: 'north', n: 2 }],
    },
  },
}

const topPerGroup: Golden = {
  interval: '1s',
  intervals: 5,
  define: (s, to) =>
    s
      .from(orders())
      .groupBy(
        (order) => ({ shop: order.shop }),
        (order) => order.price,
      )
      .top(
        2,
        desc((price) => price),
      )
      .running()
      .to('best', to('best')),
  expected: {
    best: {
      0: [
        { shop: 'north', top: [30.3, 10.1] },
        { shop: 'south', top: [20.2] },
      ],
      1: [
        { shop: 'north', top: [30.3, 10.1] },
        { shop: 'south', top: [20.2, -20.2] },
      ],
      2: [
        { shop: 'north', top: [30.3, 10.1] },
        { shop: 'south', top: [20.2, -20.2] },
      ],
      3: [
        { shop: 'north', top: [1e15, 30.3] },
        { shop: 'south', top: [20.2, -20.2] },
        { shop: 'east', top: [5] },
      ],
      4: [
        { shop: 'north', top: [1e15, 30.3] },
        { shop: 'south', top: [20.2, -20.2] },
        { shop: 'east', top: [5] },
      ],
    },
  },
}

// ---- two sources -----------------------------------------------------------------------------------------------

const PAGE = { page: 'string', ms: 'integer?' } as const
const union: Golden = {
  interval: '500ms',
  intervals: 3,
  define: (s, to) => {
    const web = s.from(
      fromArray(
        [
          { page: '/a', ms: 3 },
          { page: '/b', ms: null },
          { page: '/a', ms: 3 },
        ],
        PAGE,
        { cut: [2, 0, 1] },
      ),
      'web',
    )
    const app = s.from(
      fromArray([{ page: '/b' }, { page: '/b', ms: null }, { page: 'é', ms: 0 }], PAGE, { cut: [1, 2, 0] }),
      'app',
    )
    const both = web.union(app)
    both.countByValue().to('counts', to('counts'))
    both.distinct().running().aggregate({ pages: count() }).to('pages', to('pages'))
  },
  expected: {
    counts: {
      0: [
        { value: { page: '/a', ms: 3 }, count: 1 },
        { value: { page: '/b', ms: null }, count: 2 },
      ],
      1: [
        { value: { page: '/b', ms: null }, count: 1 },
        { value: { page: 'é', ms: 0 }, count: 1 },
      ],
      2: [{ value: { page: '/a', ms: 3 }, count: 1 }],
    },
    pages: { 0: [{ pages: 2 }], 1: [{ pages: 3 }], 2: [{ pages: 3 }] },
  },
}

// ---- what does not fit -----------------------------------------------------------------------------------------

const STRANGE = [{ n: 1 }, { n: '1' }, { n: 1.5 }, null, { n: 2, more: true }, {}, { n: 3 }]
const rejects: Golden = {
  interval: '1s',
  intervals: 3,
  define: (s, to) => {
    const numbers = s.from(fromArray(STRANGE, { n: 'integer' }, { cut: [2, 3, 2] }), 'input')
    numbers.to('numbers', to('numbers'))
    numbers.rejects
      .map((reject) => ({ source: reject.source, partition: reject.partition, ordinal: reject.ordinal }))
      .to('strange', to('strange'))
    numbers.rejects.aggregate({ n: count() }).running().to('how many', to('how many'))
  },
  expected: {
    numbers: { 0: [{ n: 1 }], 1: [{ n: 2 }], 2: [{ n: 3 }] },
    strange: {
      0: [{ source: 'input', partition: 'rows', ordinal: 1 }],
      1: [
        { source: 'input', partition: 'rows', ordinal: 2 },
        { source: 'input', partition: 'rows', ordinal: 3 },
      ],
      2: [{ source: 'input', partition: 'rows', ordinal: 5 }],
    },
    'how many': { 0: [{ n: 1 }], 1: [{ n: 3 }], 2: [{ n: 4 }] },
  },
}

// ---- order and chance ------------------------------------------------------------------------------------------

/** Text put together in the order of arrival, with a function that knows which side is which. */
const reduce: Golden = {
  interval: '1s',
  intervals: 4,
  define: (s, to) => {
    const letters = s
      .from(fromArray(['a', 'bb', 'c', 'dd', 'e', 'ff', 'g'], 'string', { cut: [3, 0, 3, 1] }))
      .groupBy(
        (text) => ({ size: text.length }),
        (text) => text,
      )
      .reduce((a, b) => a + b)
    letters.to('in the interval', to('in the interval'))
    letters.running().to('so far', to('so far'))
  },
  expected: {
    'in the interval': {
      0: [
        { size: 1, value: 'ac' },
        { size: 2, value: 'bb' },
      ],
      1: [],
      2: [
        { size: 2, value: 'ddff' },
        { size: 1, value: 'e' },
      ],
      3: [{ size: 1, value: 'g' }],
    },
    'so far': {
      0: [
        { size: 1, value: 'ac' },
        { size: 2, value: 'bb' },
      ],
      1: [
        { size: 1, value: 'ac' },
        { size: 2, value: 'bb' },
      ],
      2: [
        { size: 1, value: 'ace' },
        { size: 2, value: 'bbddff' },
      ],
      3: [
        { size: 1, value: 'aceg' },
        { size: 2, value: 'bbddff' },
      ],
    },
  },
}

const NUMBERS = Array.from({ length: 200 }, (_, n) => n)
const SIZES = [50, 0, 70, 80]
/** A record is in the sample if the hash of seed, partition and ordinal, read as a fraction, is below it. */
function sampled(): Rows[string] {
  const isIn = (n: number): boolean =>
    Number.parseInt(createHash('md5').update(`golden/rows/${n}`).digest('hex').slice(0, 13), 16) / 2 ** 52 <
    0.25
  const rows: Rows[string] = {}
  let from = 0
  SIZES.forEach((size, index) => {
    // the records that are even are left out before, the others are doubled: the position stays that of the record
    rows[index] = NUMBERS.slice(from, from + size)
      .filter((n) => n % 2 === 1)
      .filter(isIn)
      .map((n) => 2 * n)
    from += size
  })
  return rows
}
const sample: Golden = {
  interval: '1s',
  intervals: 4,
  define: (s, to) =>
    s
      .from(fromArray(NUMBERS, 'integer', { cut: SIZES }))
      .filter((n) => n % 2 === 1)
      .map((n) => 2 * n)
      .sample(0.25, { seed: 'golden' })
      .to('sample', to('sample')),
  expected: { sample: sampled() },
}

export const GOLDEN: Readonly<Record<string, Golden>> = {
  'the top words of a window': wordcount,
  'running totals, their changes, the busiest': totals,
  'the changes of a window': windowChanges,
  'the best of each group': topPerGroup,
  'two sources as one, counted by value': union,
  'records that do not fit': rejects,
  'a reducer that knows left from right': reduce,
  'a sample by position': sample,
}
