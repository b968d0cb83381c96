/**
 * The ten most frequent words of the last 30 seconds, each second.
 *
 *   npm start                                          the documentation of the packages that npm installed
 *   npm start -- --input 'path/*.log'                  files of your own, new and growing ones too
 *   npm start -- --input tcp://127.0.0.1:9999          lines that others send:  cat book.txt | nc 127.0.0.1 9999
 *   tail -f app.log | npm start -- --input -           standard input
 *
 * Prints, each second:
 *
 *   top words, interval 3 (14:03:07 to 14:03:08 UTC)
 *     word      n
 *     *      4310
 *     the    2212
 *     ...
 */
import { count, desc, job, lines, stdout } from 'dstreams'

const options = {
  interval: '1s',
  params: { input: { default: 'node_modules/**/*.{md,d.ts}' } },
} as const

export default job('wordcount', options, (s, params) =>
  s
    .from(lines(params.input, { perInterval: { files: 10 } })) // a glob, tcp://host:port, or - for standard input
    .flatMap((line) => line.split(' '))
    .filter((word) => word !== '')
    .window('30s', { slide: '1s' })
    .groupBy((word) => ({ word }))
    .aggregate({ n: count() })
    .top(
      10,
      desc((row) => row.n),
    )
    .to('top words', stdout()),
)
