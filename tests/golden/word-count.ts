import { count, desc } from '../../src/index.ts'
import type { Golden } from './golden.ts'

/** The three most frequent words of the last three intervals; ties by the word. */
export const wordCount: Golden = {
  title: 'word count over a window',
  inputs: {
    text: {
      format: 'lines',
      schema: 'string',
      files: ['to be or\nnot to be\n', 'be  be\n', 'or or or or\n\nzebra\n', 'quiet\n', 'quiet zebra'],
    },
  },
  define: (from, to) =>
    from('text')
      .flatMap((line: string) => line.split(' '))
      .filter((word: string) => word !== '')
      .window('3s', { slide: '1s' })
      .groupBy((word: string) => ({ word }))
      .aggregate({ n: count() })
      .top(
        3,
        desc((row: { n: number }) => row.n),
      )
      .to('top', to('top')),
  expected: {
    top: {
      sorted: true,
      intervals: [
        // be 2, not 1, or 1, to 2
        [
          { word: 'be', n: 2 },
          { word: 'to', n: 2 },
          { word: 'not', n: 1 },
        ],
        // be 4
        [
          { word: 'be', n: 4 },
          { word: 'to', n: 2 },
          { word: 'not', n: 1 },
        ],
        // or 5, zebra 1
        [
          { word: 'or', n: 5 },
          { word: 'be', n: 4 },
          { word: 'to', n: 2 },
        ],
        // the first interval left: be 2, or 4, zebra 1, quiet 1
        [
          { word: 'or', n: 4 },
          { word: 'be', n: 2 },
          { word: 'quiet', n: 1 },
        ],
        // the second left: or 4, zebra 2, quiet 2
        [
          { word: 'or', n: 4 },
          { word: 'quiet', n: 2 },
          { word: 'zebra', n: 2 },
        ],
      ],
    },
  },
}
