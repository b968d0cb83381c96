/** Functions that are not compiled: they run as JavaScript on both engines, with the same rows and the same rejects. */
import { describe, expect, it } from 'vitest'
import {
  asc,
  collect,
  collectRows,
  count,
  countDistinct,
  type DStream,
  desc,
  fromArray,
  job,
  max,
  mean,
  nullable,
  run,
  sum,
  topK,
} from '../../src/index.ts'

interface Sale {
  shop: string
  price: number
  n: number
  at: number
  tags: string[]
  note: string | null
  where: { x: number; name: string } | null
}
const SALE = {
  shop: 'string',
  price: 'number',
  n: 'integer',
  at: 'timestamp',
  tags: 'string[]',
  note: 'string?',
  where: nullable({ x: 'number', name: 'string' }),
} as const

const sale = (shop: string, price: number, n: number, more: Partial<Sale> = {}): Sale => ({
  shop,
  price,
  n,
  at: 1_000 * (n % 1_000),
  tags: [shop, 'x'],
  note: null,
  where: { x: price, name: shop },
  ...more,
})
const SALES: readonly Sale[] = [
  sale('a', 1.5, 1, { note: '\ufeffmarked' }),
  sale('b', -0, 2, { tags: [] }),
  sale('\ufeffc', 3, 9_007_199_254_740_991, { tags: ['\ufeff', '', '\u{1f600}\0'] }),
  sale('a', 1e300, 4, { note: '' }),
  sale('\u{1f600}', 2, -5),
]

// outer variables that no text tells: everything that uses one runs as JavaScript
const same = <T>(value: T): T => value

type Define = (sales: DStream<any>) => DStream<any> | any

const ENGINES = ['memory', 'duckdb'] as const

/** The rows of a job over SALES in two intervals, and its warnings. */
async function rowsOf(
  engine: (typeof ENGINES)[number],
  define: Define,
): Promise<{ rows: readonly unknown[]; warnings: string[] }> {
  const collected = collectRows<any>()
  const warnings: string[] = []
  const definition = job('functions', { interval: '1s' }, (s) => {
    define(s.from(fromArray(SALES as Sale[], SALE, { cut: [3, 2] }), 'sales')).to('rows', collected)
  })
  const running = run(definition, { engine, until: 'drained' })
  running.on('warning', (warning) => warnings.push(warning))
  await running.finished
  return { rows: collected.rows, warnings }
}

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort()

/** What plain JavaScript makes of the sales, `undefined` as null and -0 as 0. */
const plain = (rows: readonly unknown[]): unknown[] =>
  rows.map((row) =>
    JSON.parse(
      JSON.stringify(row === undefined ? null : row, (_, value) =>
        value === undefined ? null : value === 0 ? 0 : value,
      ),
    ),
  )

const sales = SALES as Sale[]

describe.each(ENGINES)('functions that run as JavaScript on %s', (engine) => {
  const expectRows = async (define: Define, expected: readonly unknown[]): Promise<void> => {
    const { rows, warnings } = await rowsOf(engine, define)
    expect(sorted(rows)).toEqual(sorted(plain(expected)))
    expect(warnings).toEqual([])
  }

  it('filters', async () => {
    const keep = (sale: Sale): boolean => same(sale.price) > 1
    await expectRows((s) => s.filter(keep), sales.filter(keep))
  })

  it('filters by truthiness, between compiled steps', async () => {
    await expectRows(
      (s) =>
        s
          .filter((sale: Sale) => sale.n > 0)
          .filter((sale: Sale) => same(sale.note))
          .map((sale: Sale) => ({ shop: sale.shop, note: sale.note })),
      sales.filter((sale) => sale.n > 0 && sale.note).map(({ shop, note }) => ({ shop, note })),
    )
  })

  it('maps to a record with every kind of field', async () => {
    const map = (sale: Sale) => ({
      text: `${same(sale.shop)}\ufeff`,
      number: sale.price * 2,
      whole: sale.n - 1,
      time: sale.at,
      truth: sale.n > 2,
      texts: [...sale.tags, sale.shop],
      wholes: [sale.n, 0],
      inner: { a: sale.n, b: [sale.note], c: sale.where },
      list: [{ k: sale.shop, v: sale.n }],
      nothing: undefined,
    })
    await expectRows(
      (s) =>
        s.map(map, {
          returns: {
            text: 'string',
            number: 'number',
            whole: 'integer',
            time: 'timestamp',
            truth: 'boolean',
            texts: 'string[]',
            wholes: 'integer[]',
            inner: { a: 'integer', b: 'string?[]', c: nullable({ x: 'number', name: 'string' }) },
            list: [{ k: 'string', v: 'integer' }],
            nothing: 'string?',
          },
        }),
      sales.map(map),
    )
  })

  it.each([
    ['a number', 'number', (sale: Sale) => same(sale.price)],
    ['a whole number or null', 'integer?', (sale: Sale) => (sale.n > 1 ? same(sale.n) : null)],
    ['a text or nothing', 'string?', (sale: Sale) => (sale.n > 1 ? same(sale.shop) : undefined)],
    ['a truth', 'boolean', (sale: Sale) => same(sale.n > 1)],
    ['a list', 'string[]', (sale: Sale) => same(sale.tags)],
    ['a list or null', 'integer[]?', (sale: Sale) => (sale.n > 1 ? [same(sale.n)] : null)],
  ] as const)('maps to %s', async (_, returns, map) => {
    await expectRows(
      (s) => s.map(map as (sale: Sale) => unknown, { returns }),
      sales.map(map as () => unknown),
    )
  })

  it('maps to a record or null, and goes on from there', async () => {
    const map = (sale: Sale) => (sale.n > 1 ? { shop: same(sale.shop), n: sale.n } : null)
    await expectRows(
      (s) =>
        s
          .map(map, { returns: nullable({ shop: 'string', n: 'integer' }) })
          .map((row: { shop: string } | null) => ({ shop: row?.shop ?? 'none' })),
      sales.map((sale) => ({ shop: map(sale)?.shop ?? 'none' })),
    )
  })

  it('flattens lists of texts, of records, and of none', async () => {
    const texts = (sale: Sale) => same(sale.tags)
    await expectRows((s) => s.flatMap(texts, { returns: 'string' }), sales.flatMap(texts))
    const records = (sale: Sale) => sale.tags.map((tag) => ({ tag: same(tag), n: sale.n }))
    await expectRows(
      (s) => s.flatMap(records, { returns: { tag: 'string', n: 'integer' } }),
      sales.flatMap(records),
    )
  })

  it('keeps the order of positions through a flatMap', async () => {
    await expectRows(
      (s) =>
        s
          .flatMap((sale: Sale) => same([...sale.tags, 'end']), { returns: 'string' })
          .aggregate({ all: collect((tag) => tag) })
          .running(),
      // a table: its content at the end of each of the two intervals
      [
        { all: sales.slice(0, 3).flatMap((sale) => [...sale.tags, 'end']) },
        { all: sales.flatMap((sale) => [...sale.tags, 'end']) },
      ],
    )
  })

  it('groups by keys and aggregates values', async () => {
    const totals = (rows: readonly Sale[]) =>
      [...new Set(rows.map(({ shop }) => shop.length))].map((size) => {
        const own = rows.filter(({ shop }) => shop.length === size)
        const tags = new Set(own.map(({ tags }) => tags.length))
        const most = Math.max(...own.map(({ n }) => n))
        return { size, rows: own.length, big: own.filter(({ n }) => n > 1).length, tags: tags.size, most }
      })
    await expectRows(
      (s) =>
        s
          .groupBy((sale: Sale) => ({ size: same(sale.shop.length) }), { returns: { size: 'integer' } })
          .aggregate({
            rows: count(),
            big: count((sale: Sale) => same(sale.n) > 1),
            tags: countDistinct((sale: Sale) => same(sale.tags.length), { returns: 'integer' }),
            most: max((sale: Sale) => same(sale.n), { returns: 'integer' }),
          }),
      [...totals(sales.slice(0, 3)), ...totals(sales.slice(3))],
    )
  })

  it('groups by a compiled key with values that are not, and the other way round', async () => {
    await expectRows(
      (s) =>
        s
          .groupBy(
            (sale: Sale) => ({ long: sale.tags.length > 1 }),
            (sale: Sale) => ({ price: same(sale.n) + 0.5 }),
            {
              value: { price: 'number' },
            },
          )
          .aggregate({
            total: sum((v: { price: number }) => v.price),
            mean: mean((v: { price: number }) => same(v.price)),
          })
          .running(),
      [[1, 1.5, 2, 2.5, 9_007_199_254_740_991]].flatMap(() => [
        // first interval: n of 1, 2 and 2^53 - 1, where + 0.5 rounds to even
        { long: true, total: 1.5 + 9_007_199_254_740_992, mean: (1.5 + 9_007_199_254_740_992) / 2 },
        { long: false, total: 2.5, mean: 2.5 },
        {
          long: true,
          total: 1.5 + 9_007_199_254_740_992 + 4.5 - 4.5,
          mean: (1.5 + 9_007_199_254_740_992 + 4.5 - 4.5) / 4,
        },
        { long: false, total: 2.5, mean: 2.5 },
      ]),
    )
    await expectRows(
      (s) =>
        s
          .groupBy(
            (sale: Sale) => ({ long: same(sale.tags.length > 1) }),
            (sale: Sale) => sale.shop,
            {
              returns: { long: 'boolean' },
            },
          )
          .aggregate({
            shops: collect((shop: string) => shop),
            first: topK(
              1,
              asc((shop: string) => shop),
            ),
          }),
      [
        { long: true, shops: ['a', '\ufeffc'], first: ['a'] },
        { long: false, shops: ['b'], first: ['b'] },
        { long: true, shops: ['a', '\u{1f600}'], first: ['a'] },
      ],
    )
  })

  it('reduces', async () => {
    await expectRows(
      (s) =>
        s
          .groupBy(
            (sale: Sale) => ({ long: sale.tags.length > 1 }),
            (sale: Sale) => sale.shop,
          )
          .reduce((a: string, b: string) => same(`${b}<${a}`))
          .running(),
      [
        { long: true, value: '\ufeffc<a' },
        { long: false, value: 'b' },
        { long: true, value: '\u{1f600}<a<\ufeffc<a' },
        { long: false, value: 'b' },
      ],
    )
  })

  it('orders', async () => {
    const { rows } = await rowsOf(engine, (s) =>
      s
        .map((sale: Sale) => ({ shop: sale.shop, n: sale.n }))
        .top(
          2,
          desc((row) => same(row.n), { returns: 'integer' }),
        ),
    )
    expect(rows).toEqual([
      { shop: '\ufeffc', n: 9_007_199_254_740_991 },
      { shop: 'b', n: 2 },
      { shop: 'a', n: 4 },
      { shop: '\u{1f600}', n: -5 },
    ])
  })

  it('gives the interval and the constants', async () => {
    const { rows } = await rowsOf(engine, (s) =>
      s.map(
        (sale: Sale, { interval, params }: any) => ({
          n: sale.n,
          at: interval.index,
          length: interval.toMs - interval.fromMs,
          more: sale.n + params.more,
        }),
        {
          returns: { n: 'integer', at: 'integer', length: 'integer', more: 'integer' },
          more: -7,
        } as any,
      ),
    )
    expect(rows).toEqual(
      sales.map(({ n }, index) => ({ n, at: index < 3 ? 0 : 1, length: 1_000, more: n - 7 })),
    )
  })

  it('calls compiled functions itself for the records that their guard does not hold for', async () => {
    const cut = (sale: Sale) => ({ start: sale.shop.slice(0, 1), whole: sale.n, first: sale.tags })
    await expectRows(
      (s) => s.map(cut),
      plain(sales.map(cut)).map((row: any) => ({ ...row, start: row.start.toWellFormed() })),
    )
    const kept = (sale: Sale) => sale.shop.slice(1) === '' || sale.shop.indexOf('c') === 1
    await expectRows(
      (s) => s.filter(kept).map((sale: Sale) => sale.n),
      sales.filter(kept).map((sale) => sale.n),
    )
    const units = (sale: Sale) => [sale.shop.slice(0, 1), sale.shop.slice(1)]
    await expectRows(
      (s) => s.flatMap(units),
      sales.flatMap(units).map((text) => text.toWellFormed()),
    )
    await expectRows(
      (s) =>
        s
          .groupBy((sale: Sale) => ({ first: sale.shop.slice(0, 1), long: sale.shop.slice(1) < 'b' }))
          .aggregate({
            n: count((sale: Sale) => sale.shop.at(-1) !== 'c'),
            most: max((sale: Sale) => sale.shop.slice(-1)),
          }),
      [
        { first: 'a', long: true, n: 1, most: 'a' },
        { first: 'b', long: true, n: 1, most: 'b' },
        { first: '\ufeff', long: false, n: 0, most: 'c' },
        { first: 'a', long: true, n: 1, most: 'a' },
        { first: '\ufffd', long: false, n: 1, most: '\ufffd' },
      ],
    )
    await expectRows(
      (s) =>
        s
          .groupBy(
            () => ({ all: true }),
            (sale: Sale) => sale.shop,
          )
          .reduce((a: string, b: string) => a.slice(0, 1) + b.slice(-1)),
      [
        { all: true, value: 'ac' },
        { all: true, value: 'a\ufffd' },
      ],
    )
  })

  it('takes constants as they were when the job was made', async () => {
    const shops = ['a']
    await expectRows(
      (s) => {
        const kept = s.filter((sale: Sale, { params }: any) => params.shops.includes(same(sale.shop)), {
          shops,
        } as any)
        shops.push('b')
        return kept.map((sale: Sale) => sale.shop)
      },
      ['a', 'a'],
    )
  })

  it('leaves out records for which a function fails, and lists them', async () => {
    const failing = (sale: Sale) => {
      if (sale.n === 2) throw new RangeError(`no ${same(sale.shop)}`)
      return { price: sale.n === 4 ? ('4' as unknown as number) : sale.n }
    }
    const { rows, warnings } = await rowsOf(engine, (s) => s.map(failing, { returns: { price: 'number' } }))
    expect(rows).toEqual([{ price: 1 }, { price: 9_007_199_254_740_991 }, { price: -5 }])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/step "select" \(map\) failed for a record.*no b.*\.rejects/)
    const { rows: rejects } = await rowsOf(
      engine,
      (s) => s.map(failing, { returns: { price: 'number' } }).rejects,
    )
    expect(rejects).toMatchObject([
      { step: 'select', function: 'map', interval: 0, reason: 'no b' },
      {
        step: 'select',
        function: 'map',
        interval: 1,
        reason: 'it returned what does not fit: price is "4", not number',
      },
    ])
    const both = await rowsOf(engine, (s) => {
      const mapped = s.map(failing, { returns: { price: 'number' } })
      mapped.to('mapped', collectRows())
      return mapped.rejects
    })
    expect(both.warnings).toEqual([expect.stringContaining('failed for a record, which is left out: no b')])
    const [first, second] = rejects as { stack: string | null; position: string; text: string }[]
    expect(first!.stack).toMatch(/^RangeError: no b\n {4}at failing .*functions\.test\.ts/)
    expect(first!.stack).not.toMatch(/engines\/(memory|duckdb)/)
    expect(second!.stack).toBeNull()
    expect([first!.position, second!.position]).toEqual(['rows/1', 'rows/3'])
    expect(JSON.parse(first!.text)).toMatchObject({ n: 2 })
  })
})
