import { count, countDistinct, variance } from '../../src/index.ts'
import type { Golden } from './golden.ts'

interface Hit {
  readonly page: string
  readonly visit: { readonly user: string | null; readonly ms: readonly number[] }
}

/** Nested records: lists and structs, nulls in keys, distinct values, and statistics over a tumbling window. */
export const sessions: Golden = {
  title: 'nested records, distinct and statistics',
  inputs: {
    hits: {
      format: 'ndjson',
      schema: { page: 'string', visit: { user: 'string?', ms: 'integer[]' } },
      files: [
        '{"page":"/","visit":{"user":"ann","ms":[2,4]}}\n{"page":"/","visit":{"ms":[]}}\n{"page":"/\uFEFF","visit":{"user":"\uFEFFann","ms":[4]}}\n',
        '{"page":"/","visit":{"user":null,"ms":[4,5,5,7,9]}}\n{"page":"/","visit":{"user":"ann","ms":[]}}\n',
      ],
    },
  },
  define: (from, to) => {
    const hits = from('hits')
    hits
      .groupBy((hit: Hit) => ({ user: hit.visit.user }))
      .aggregate({ n: count(), pages: countDistinct((hit: Hit) => hit.page) })
      .running()
      .to('users', to('users'))
    hits
      .map((hit: Hit) => ({ page: hit.page }))
      .distinct()
      .to('pages', to('pages'))
    hits
      .flatMap((hit: Hit) => hit.visit.ms)
      .window('2s')
      .aggregate({ spread: variance((ms: number) => ms), n: count((ms: number) => ms > 4) })
      .to('spread', to('spread'))
  },
  expected: {
    users: {
      intervals: [
        [
          { user: 'ann', n: 1, pages: 1 },
          { user: null, n: 1, pages: 1 },
          { user: '\uFEFFann', n: 1, pages: 1 },
        ],
        [
          { user: 'ann', n: 2, pages: 1 },
          { user: null, n: 2, pages: 1 },
          { user: '\uFEFFann', n: 1, pages: 1 },
        ],
      ],
    },
    pages: { intervals: [[{ page: '/' }, { page: '/\uFEFF' }], [{ page: '/' }]] },
    // 2 4 4: mean 10/3, squares 36/3; then 2 4 4 4 5 5 7 9: mean 5, squares 232/8 = 29
    spread: { intervals: [[{ spread: 36 / 3 - (10 / 3) * (10 / 3), n: 0 }], [{ spread: 4, n: 4 }]] },
  },
}
