import { count } from '../../src/index.ts'
import type { Golden } from './golden.ts'

/** Records that do not fit are counted and kept, and the others go on; ordinals count both, blank lines do not. */
export const rejects: Golden = {
  title: 'rejects beside records',
  inputs: {
    orders: {
      format: 'ndjson',
      schema: { id: 'string', n: 'integer' },
      files: [
        '{"id":"a","n":1}\n{"id":"b","n":"1"}\n\n{"id":"c","n":1.0}\n',
        '{"id":"d","n":2}\n',
        '{"n":3}\nnull\n  \n{"id":"e","n":3}\n{"id":"f","n":9007199254740992}\n',
      ],
    },
  },
  define: (from, to) => {
    const orders = from('orders')
    orders.to('records', to('records'))
    orders.rejects
      .map((reject: any) => ({ ordinal: reject.ordinal, reason: reject.reason, text: reject.text }))
      .to('rejects', to('rejects'))
    orders.rejects.aggregate({ bad: count() }).running().to('bad', to('bad'))
  },
  expected: {
    records: {
      intervals: [
        [
          { id: 'a', n: 1 },
          { id: 'c', n: 1 },
        ],
        [{ id: 'd', n: 2 }],
        [{ id: 'e', n: 3 }],
      ],
    },
    rejects: {
      intervals: [
        [{ ordinal: 1, reason: 'n is "1", not integer', text: '{"id":"b","n":"1"}' }],
        [],
        [
          { ordinal: 0, reason: 'id is missing or null', text: '{"n":3}' },
          { ordinal: 1, reason: 'the record is missing or null', text: 'null' },
          {
            ordinal: 3,
            reason: 'n is 9007199254740992, not a safe integer',
            text: '{"id":"f","n":9007199254740992}',
          },
        ],
      ],
    },
    bad: { intervals: [[{ bad: 1 }], [{ bad: 1 }], [{ bad: 4 }]] },
  },
}
