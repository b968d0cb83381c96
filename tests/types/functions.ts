/** Functions: their context, the constants beside them, what they return and what was left out are inferred. */
import {
  type Context,
  count,
  type DStream,
  type FailedRecord,
  fromArray,
  job,
  max,
  ndjsonFiles,
  type RejectedRecord,
  sum,
  type Table,
} from 'dstreams'
import { type Equal, expectType } from './expect.ts'

job('functions', { interval: '1s' }, (s) => {
  const source = s.from(ndjsonFiles('in/*.ndjson', { user: 'string', ms: 'number' }))
  expectType<Equal<typeof source.rejects, DStream<RejectedRecord>>>()

  // constants are typed in the context
  const slow = source.filter((e, { params, interval }) => e.ms > params.min && interval.index >= 0, {
    min: 5,
  })
  expectType<Equal<typeof slow, DStream<{ user: string; ms: number }>>>()
  expectType<Equal<typeof slow.rejects, DStream<FailedRecord>>>()
  // @ts-expect-error there is no such constant
  source.filter((e, { params }) => e.ms > params.max, { min: 5 })
  // @ts-expect-error an option has its own values
  source.filter((e) => e.ms > 5, { onReject: 'skip' })

  // what is declared is what comes out
  const declared = source.map((e): unknown => JSON.parse(e.user), {
    returns: { id: 'integer', name: 'string?' },
  })
  expectType<Equal<typeof declared, DStream<{ id: number; name: string | null }>>>()
  const inferred = source.map((e, ctx) => ({ user: e.user, draw: ctx.random() }))
  expectType<Equal<typeof inferred, DStream<{ user: string; draw: number }>>>()
  const words = source.flatMap((e) => e.user.split(' '), { returns: 'string' })
  expectType<Equal<typeof words, DStream<string>>>()

  // keys and values
  const byKey = source
    .groupBy((e) => JSON.parse(e.user) as { user: string }, { returns: { user: 'string' } })
    .aggregate({ n: count(), most: max((e) => e.ms) })
  expectType<Equal<typeof byKey, DStream<{ user: string; n: number; most: number }>>>()
  const byValue = source
    .groupBy(
      (e) => ({ user: e.user }),
      (e) => JSON.parse(e.user),
      { value: { v: 'number' } },
    )
    .aggregate({ total: sum((e) => e.v) })
  expectType<Equal<typeof byValue, DStream<{ user: string; total: number }>>>()

  // whole datasets
  const table = source
    .running()
    .transform((rows, { params }) => rows.slice(0, params.first), { returns: { user: 'string' }, first: 3 })
  expectType<Equal<typeof table, Table<{ user: string }>>>()
  const enriched = source.enrich(
    async (rows, { signal }) => rows.map((row) => ({ ...row, country: String(signal.aborted) })),
    { returns: { user: 'string', ms: 'number', country: 'string' }, size: 10 },
  )
  expectType<Equal<typeof enriched, DStream<{ user: string; ms: number; country: string }>>>()
  // @ts-expect-error enrich waits for answers: it is of streams only
  table.enrich(async (rows) => rows)
  // @ts-expect-error the function of enrich returns a promise
  source.enrich((rows) => rows)

  const named = (e: { user: string }, context: Context): string => `${e.user}${context.interval.index}`
  const mapped = source.map(named, { returns: 'string' })
  expectType<Equal<typeof mapped, DStream<string>>>()
  fromArray([], 'string')
})
