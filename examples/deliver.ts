/**
 * Results given to a function of your own, here the mean of the last three seconds, each second.
 *
 *   npx dstreams run examples/deliver.ts
 *
 * Prints:
 *
 *   interval 0: mean 49.5 of 100 values
 *   interval 1: mean 99.5 of 200 values
 *   interval 2: mean 149.5 of 300 values
 *   interval 3: mean 249.5 of 300 values
 *   interval 4: mean 349.5 of 300 values
 *   interval 5: mean 449.5 of 300 values
 */
import { count, forEach, generate, job, mean } from 'dstreams'

export default job('deliver', { interval: '1s' }, (s) =>
  s
    .from(generate({ rate: 100, total: 600 }))
    .map((n) => ({ value: n }))
    .window('3s')
    .aggregate({ values: count(), mean: mean((row) => row.value) })
    .to(
      'means',
      forEach(async (rows, interval) => {
        for (const row of rows)
          console.log(`interval ${interval.index}: mean ${row.mean} of ${row.values} values`)
      }),
    ),
)
