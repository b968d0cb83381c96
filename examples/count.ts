/**
 * The smallest job: how many records came in each interval.
 *
 *   npx dstreams run examples/count.ts
 *
 * Prints, five times, with the time of each interval:
 *
 *   records, interval 0 (14:03:07 to 14:03:08 UTC)
 *     count
 *      1000
 */
import { count, generate, job, stdout } from 'dstreams'

export default job('count', { interval: '1s' }, (s) =>
  s
    .from(generate({ rate: 1000, total: 5000 }))
    .aggregate({ count: count() })
    .to('records', stdout()),
)
