/** Keys are objects, and their fields have names of their own. */
import { count, fromArray, job, sum } from 'dstreams'

job('keys', { interval: '1s' }, (s) => {
  const rows = s.from(fromArray([], { user: 'string', ms: 'number' }))

  rows.groupBy((row) => ({ user: row.user, slow: row.ms > 500 }))
  // @ts-expect-error a key that is a text has no name
  rows.groupBy((row) => row.user)
  // @ts-expect-error a number neither
  rows.groupBy((row) => row.ms)
  // @ts-expect-error nor a list
  rows.groupBy((row) => [row.user])

  // @ts-expect-error the aggregate would hide the field of the key
  rows.groupBy((row) => ({ user: row.user })).aggregate({ user: count() })
  // @ts-expect-error also beside others
  rows.groupBy((row) => ({ user: row.user })).aggregate({ n: count(), user: sum((row) => row.ms) })
  // @ts-expect-error an aggregate is made by count(), sum(...) and so on
  rows.groupBy((row) => ({ user: row.user })).aggregate({ n: 5 })
})
