import { test } from 'vitest'
import { count, sum, mean, min, first, collect, countDistinct, variance, topK, max, last } from '../src/plan/aggregate.ts'
import { desc, asc } from '../src/plan/order.ts'
import { job } from '../src/stream/job.ts'
import { run } from '../src/run/run.ts'
import { fromArray } from '../src/sources/from-array.ts'
const collectRows = <T,>(): any => { const intervals = new Map<number, any[]>(); return { kind: 'collect', detail: '', tableMode: 'content', intervals, open: async () => ({ write: async (i: any, o: any) => void intervals.set(i.index, await o.rows()), close: async () => {} }) } }
for (const engine of ['memory', 'duckdb'] as const)
test(engine, async () => {
  const out: Record<string, any> = {}
  const rows = Array.from({ length: 40 }, (_, i) => ({ k: 'k' + (i % 5), v: i / 4, n: i }))
  const j = job('t', { interval: '1s' }, (s) => {
    const src = s.from(fromArray(rows, { k: 'string', v: 'number', n: 'integer' }, { perInterval: { records: 7 } }))
    const sink = (n: string) => (out[n] = collectRows<any>())
    const agg = src.groupBy((r) => ({ k: r.k })).aggregate({ n: count(), s: sum((r) => r.v), si: sum((r) => r.n), m: mean((r) => r.v), lo: min((r) => r.n), hi: max(r => r.v), f: first((r) => r.n), l: last(r => r.n), c: collect((r) => r.n), d: countDistinct((r) => r.k), va: variance((r) => r.v), t: topK(2, desc((r: any) => r.n)) })
    agg.to('agg', sink('agg'))
    agg.running().top(2, asc((r) => r.k)).to('run', sink('run'))
    src.window('3s').groupBy((r) => ({ k: r.k })).aggregate({ n: count(), s: sum((r) => r.v) }).to('win', sink('win'))
    src.window('3s').groupBy((r) => ({ k: r.k })).aggregate({ n: min(r => r.n), c: collect(r => r.n) }).to('win2', sink('win2'))
    src.window('3s').limit(2).to('win3', sink('win3'))
    agg.running().groupBy((r) => ({ n: r.n })).aggregate({ keys: count() }).changes().to('aa', sink('aa'))
    agg.running().top(2, desc(r => r.s)).changes().to('tc', sink('tc'))
    src.groupBy(r => ({ k: r.k }), r => r.v).reduce((a, b) => a * 0.5 + b).to('red', sink('red'))
    src.sample(0.3).distinct().to('smp', sink('smp'))
  })
  const s = await run(j, { engine, until: 'drained' }).finished
  console.log(engine, s)
  const fs = await import('node:fs')
  const norm = (o: any) => Object.fromEntries(Object.entries(o).map(([n, c]: any) => [n, [...c.intervals].map(([i, r]: any) => [i, r.map((x: any) => JSON.stringify(x)).sort()])]))
  fs.writeFileSync(`/tmp/exp/out-${engine}.json`, JSON.stringify(norm(out), null, 1))
})
