/**
 * Running totals of orders, best customers first; orders that do not fit are kept apart with the reason.
 *
 *   npx dstreams run examples/totals.ts --until drained
 *
 * Prints:
 *
 *   not understood, interval 0 (14:03:07 to 14:03:08 UTC)
 *     source       partition                    ordinal  reason                       text
 *     ndjsonFiles  examples/data/orders.ndjson        3  price is "four", not number  {"customer":"cleo","product":"tea",...
 *   totals, interval 0 (14:03:07 to 14:03:08 UTC)
 *     customer  orders  spent
 *     cleo           1   19.9
 *     ada            3   15.9
 *     bob            1    7.5
 */
import { count, desc, job, ndjsonFiles, stdout, sum } from 'dstreams'

const order = { customer: 'string', product: 'string', price: 'number' } as const

export default job(
  'totals',
  { interval: '1s', params: { input: { default: 'examples/data/orders.ndjson' } } },
  (s, params) => {
    const orders = s.from(ndjsonFiles(params.input, order))

    orders
      .groupBy((order) => ({ customer: order.customer }))
      .aggregate({ orders: count(), spent: sum((order) => order.price) })
      .running()
      .sortBy(desc((row) => row.spent))
      .to('totals', stdout())

    orders.rejects.to('not understood', stdout())
  },
)
