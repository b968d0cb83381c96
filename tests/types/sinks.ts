/** A sink is given rows that it can take. */
import {
  type Change,
  collectRows,
  count,
  csv,
  type DStream,
  forEach,
  fromArray,
  type Interval,
  job,
  ndjson,
  parquet,
  stdout,
} from 'dstreams'
import { type Equal, expectType } from './expect.ts'

job('sinks', { interval: '1s' }, (s) => {
  const rows = s.from(fromArray([], { user: 'string', ms: 'number' }))
  rows.to('printed', stdout())
  rows.to('lines', ndjson('lines'))
  rows.to('cells', csv('cells'))
  rows.to('columns', parquet('columns'))
  rows.to(
    'each',
    forEach((given, interval) => {
      expectType<Equal<typeof given, readonly { user: string; ms: number }[]>>()
      expectType<Equal<typeof interval, Interval>>()
    }),
  )

  const users = collectRows<{ user: string }>()
  rows.to('users', users)
  expectType<Equal<typeof users.last, readonly { user: string }[]>>()
  const numbers = collectRows<{ n: number }>()
  // @ts-expect-error the rows have no n
  rows.to('numbers', numbers)
  // @ts-expect-error the rows have no n
  // biome-ignore format: the comment is about one line
  rows.to('typed', forEach((given: readonly { n: number }[]) => given.length))

  const counts = rows
    .groupBy((row) => ({ user: row.user }))
    .aggregate({ n: count() })
    .running()
  const changes = counts.changes()
  expectType<Equal<typeof changes, DStream<Change<{ user: string; n: number }>>>>()
  changes.filter((change) => change.op === 'delete').map((change) => change.user)
  // @ts-expect-error there is no such change
  changes.filter((change) => change.op === 'insert')
  const scalars = rows
    .map((row) => row.ms)
    .running()
    .changes()
  expectType<Equal<typeof scalars, DStream<{ op: 'upsert' | 'delete'; value: number }>>>()
  const contents = counts.snapshots()
  expectType<Equal<typeof contents, DStream<{ user: string; n: number }>>>()

  // what only one of the two has
  // @ts-expect-error a window of a table
  counts.window('5s')
  // @ts-expect-error changes of a stream
  rows.changes()
  // @ts-expect-error a table of a table
  counts.running()
})
