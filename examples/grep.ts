/**
 * The lines of a log that tell an error, and how many there were of each kind since the start.
 *
 *   npx dstreams run examples/grep.ts --until drained
 *   tail -f app.log | npx dstreams run examples/grep.ts --input -
 *
 * Prints:
 *
 *   errors, interval 0 (14:03:07 to 14:03:08 UTC)
 *     value
 *     2026-01-05 08:00:02 ERROR payment timed out
 *     2026-01-05 08:00:04 ERROR payment timed out
 *     2026-01-05 08:00:05 ERROR mail refused
 *   levels, interval 0 (14:03:07 to 14:03:08 UTC)
 *     level  n
 *     error  3
 *     other  3
 */
import { count, desc, job, lines, stdout } from 'dstreams'

const options = { interval: '1s', params: { input: { default: 'examples/data/app.log' } } } as const

export default job('grep', options, (s, params) => {
  const log = s.from(lines(params.input))

  log.filter((line) => line.includes(' ERROR ')).to('errors', stdout())

  log
    .groupBy((line) => ({ level: line.includes(' ERROR ') ? 'error' : 'other' }))
    .aggregate({ n: count() })
    .running()
    .sortBy(desc((row) => row.n))
    .to('levels', stdout())
})
