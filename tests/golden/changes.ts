import type { Golden } from './golden.ts'

/** What changes in the counts of a window of two intervals, and how often each count occurs. */
export const changes: Golden = {
  title: 'changes of a window, and an aggregate of an aggregate',
  inputs: {
    letters: { format: 'lines', schema: 'string', files: ['a\nb\na\n', 'a\n', 'c\n', 'c\nb\n', 'b\n'] },
  },
  define: (from, to) => {
    const counts = from('letters').window('2s').countByValue()
    counts.changes().to('changes', to('changes'))
    counts
      .map((row: { count: number }) => ({ seen: row.count }))
      .countByValue()
      .to('spread', to('spread'))
  },
  expected: {
    changes: {
      intervals: [
        [
          { op: 'upsert', value: 'a', count: 2 },
          { op: 'upsert', value: 'b', count: 1 },
        ],
        [{ op: 'upsert', value: 'a', count: 3 }],
        // a 3 -> 1, b is gone, c came
        [
          { op: 'upsert', value: 'a', count: 1 },
          { op: 'delete', value: 'b', count: 1 },
          { op: 'upsert', value: 'c', count: 1 },
        ],
        [
          { op: 'delete', value: 'a', count: 1 },
          { op: 'upsert', value: 'b', count: 1 },
          { op: 'upsert', value: 'c', count: 2 },
        ],
        // c left one behind, b came again
        [
          { op: 'upsert', value: 'b', count: 2 },
          { op: 'upsert', value: 'c', count: 1 },
        ],
      ],
    },
    spread: {
      intervals: [
        [
          { value: { seen: 2 }, count: 1 },
          { value: { seen: 1 }, count: 1 },
        ],
        [
          { value: { seen: 3 }, count: 1 },
          { value: { seen: 1 }, count: 1 },
        ],
        [{ value: { seen: 1 }, count: 2 }],
        [
          { value: { seen: 1 }, count: 1 },
          { value: { seen: 2 }, count: 1 },
        ],
        [
          { value: { seen: 2 }, count: 1 },
          { value: { seen: 1 }, count: 1 },
        ],
      ],
    },
  },
}
