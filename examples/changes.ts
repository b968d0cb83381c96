/**
 * A table that is kept up to date somewhere else: the changes of a count, as files of NDJSON, one per interval.
 * Whoever reads them in their order and applies each (`upsert` by user, `delete`) has the table.
 *
 *   npx dstreams run examples/changes.ts --output /tmp/visits --until drained
 *   cat /tmp/visits/*.ndjson
 *
 * Writes 000000000.ndjson with {"op":"upsert","user":"ada","visits":2} and one for bob, 000000001.ndjson with
 * {"op":"upsert","user":"ada","visits":3}; of interval 2, in which nothing came, there is no file.
 */
import { count, fromArray, job, ndjson } from 'dstreams'

const visits = [{ user: 'ada' }, { user: 'bob' }, { user: 'ada' }, { user: 'ada' }]

const options = { interval: '1s', params: { output: { default: 'visits' } } } as const

export default job('changes', options, (s, params) =>
  s
    .from(fromArray(visits, { user: 'string' }, { cut: [3, 1, 0] }))
    .groupBy((visit) => ({ user: visit.user }))
    .aggregate({ visits: count() })
    .running()
    .to('visits', ndjson(params.output)),
)
