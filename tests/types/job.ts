/** A job infers every type, without an annotation and without `any`. */
import {
  count,
  type DStream,
  desc,
  type Job,
  job,
  lines,
  max,
  mean,
  min,
  ndjsonFiles,
  stdout,
  sum,
  type Table,
} from 'dstreams'
import { type Equal, expectType } from './expect.ts'

// the job of the README
const wordcount = job('wordcount', { interval: '1s' }, (s, params) => {
  const words = s
    .from(lines(params.input!))
    .flatMap((line) => line.split(' '))
    .filter((word) => word !== '')
  expectType<Equal<typeof words, DStream<string>>>()

  const counts = words
    .window('30s', { slide: '1s' })
    .groupBy((word) => ({ word }))
    .aggregate({ n: count() })
  expectType<Equal<typeof counts, Table<{ word: string; n: number }>>>()

  const top = counts.top(
    10,
    desc((row) => row.n),
  )
  expectType<Equal<typeof top, typeof counts>>()
  top.to('top words', stdout())
})
expectType<Equal<typeof wordcount, Job>>()

const order = { customer: 'string', price: 'number', coupon: 'string?', n: 'integer' } as const

job('orders', { interval: '1s' }, (s) => {
  const orders = s.from(ndjsonFiles('in/*.ndjson', order))

  // lambdas inside aggregates know the record
  const totals = orders
    .groupBy((row) => ({ customer: row.customer }))
    .aggregate({
      orders: count(),
      large: count((row) => row.price > 100),
      spent: sum((row) => row.price),
      mean: mean((row) => row.price),
      least: min((row) => row.price),
      coupon: max((row) => row.coupon),
    })
  interface Totals {
    customer: string
    orders: number
    large: number
    spent: number
    mean: number
    least: number
    coupon: string | null
  }
  expectType<Equal<typeof totals extends DStream<infer R> ? R : never, Flat<Totals>>>()

  // and those inside aggregates of all rows
  const all = orders.aggregate({ n: count(), spent: sum((row) => row.price) })
  expectType<Equal<typeof all, DStream<{ n: number; spent: number }>>>()

  // a running aggregate is a table, and operators after a table give tables
  const running = totals.running()
  expectType<Equal<typeof running, Table<Flat<Totals>>>>()
  const mapped = running.map((row) => ({ name: row.customer, spent: row.spent }))
  expectType<Equal<typeof mapped, Table<{ name: string; spent: number }>>>()

  // the values of a group
  const reduced = orders
    .groupBy(
      (row) => ({ customer: row.customer }),
      (row) => row.n,
    )
    .reduce((a, b) => a + b)
  expectType<Equal<typeof reduced, DStream<{ customer: string; value: number }>>>()
  const best = orders
    .groupBy((row) => ({ customer: row.customer }))
    .top(
      3,
      desc((row) => row.price),
    )
  expectType<
    Equal<
      typeof best extends DStream<infer R> ? R : never,
      { customer: string; top: { customer: string; price: number; coupon: string | null; n: number }[] }
    >
  >()
  const values = orders.map((row) => row.customer).countByValue()
  expectType<Equal<typeof values, DStream<{ value: string; count: number }>>>()

  // @ts-expect-error the record has no such field
  orders.filter((row) => row.prize > 5)
  // @ts-expect-error in an aggregate neither
  orders.groupBy((row) => ({ customer: row.customer })).aggregate({ spent: sum((row) => row.prize) })
  // @ts-expect-error a sum of texts
  orders.aggregate({ spent: sum((row) => row.customer) })
  // @ts-expect-error the row of the aggregate has no such field
  // biome-ignore format: the comment is about one line
  totals.top(10, desc((row) => row.price))
  // @ts-expect-error top needs an order
  totals.top(10)
  // @ts-expect-error the function of flatMap returns a list
  orders.flatMap((row) => row.price)
  // @ts-expect-error a union of rows with other fields
  orders.union(totals)
})

type Flat<T> = { [F in keyof T]: T[F] }
