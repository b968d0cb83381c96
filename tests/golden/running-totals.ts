import { count, max, mean, sum } from '../../src/index.ts'
import type { Golden } from './golden.ts'

interface Sale {
  readonly shop: string
  readonly price: number
  readonly items: number | null
}

/** Totals per shop over all time; sums are exact and rounded once, so that 0.1 ten times is what one rounding gives. */
export const runningTotals: Golden = {
  title: 'running totals',
  inputs: {
    sales: {
      format: 'ndjson',
      schema: { shop: 'string', price: 'number', items: 'integer?' },
      files: [
        '{"shop":"a","price":0.5,"items":2}\n{"shop":"b","price":1e15}\n{"shop":"a","price":0.25,"items":null}\n',
        '{"shop":"b","price":0.5,"items":4}\n',
        '{"items":10,"price":-1e15,"shop":"b"}\n{"shop":"c","price":0,"items":0}\n',
      ],
    },
  },
  define: (from, to) =>
    from('sales')
      .groupBy((sale: Sale) => ({ shop: sale.shop }))
      .aggregate({
        n: count(),
        total: sum((sale: Sale) => sale.price),
        dearest: max((sale: Sale) => sale.price),
        items: sum((sale: Sale) => sale.items),
        perSale: mean((sale: Sale) => sale.items),
      })
      .running()
      .to('totals', to('totals')),
  expected: {
    totals: {
      intervals: [
        [
          { shop: 'a', n: 2, total: 0.75, dearest: 0.5, items: 2, perSale: 2 },
          { shop: 'b', n: 1, total: 1e15, dearest: 1e15, items: 0, perSale: null },
        ],
        [
          { shop: 'a', n: 2, total: 0.75, dearest: 0.5, items: 2, perSale: 2 },
          { shop: 'b', n: 2, total: 1000000000000000.5, dearest: 1e15, items: 4, perSale: 4 },
        ],
        [
          { shop: 'a', n: 2, total: 0.75, dearest: 0.5, items: 2, perSale: 2 },
          { shop: 'b', n: 3, total: 0.5, dearest: 1e15, items: 14, perSale: 7 },
          { shop: 'c', n: 1, total: 0, dearest: 0, items: 0, perSale: 0 },
        ],
      ],
    },
  },
}
