/** What an interval with next to nothing in it costs: 10,000 intervals of ten records, stateless and with state. */
import { count, desc, forEach, generate, job, run } from '../dist/index.js'
import { median } from './measure.mjs'

const INTERVALS = 10_000

const stateless = () =>
  job('stateless', { interval: '1s' }, (s) =>
    s
      .from(generate({ rate: 10 }))
      .filter((i) => i % 3 === 0)
      .map((i) => ({ i, half: i / 2 }))
      .to('out', forEach(async () => {})),
  )

/** A running count over 60,000 keys: the first interval brings them all. */
const stateful = () =>
  job('stateful', { interval: '1s' }, (s) =>
    s
      .from(generate({ rate: 10 }))
      .flatMap((i) => [i * 7919 % 60_000])
      .groupBy((i) => ({ key: i }))
      .aggregate({ n: count() })
      .running()
      .changes()
      .to('out', forEach(async () => {})),
  )

/** A clock on which every interval is over as soon as it is asked for: intervals run one by one, without waiting. */
function steppingClock() {
  let now = 0
  return {
    now: () => now,
    precise: () => performance.now(),
    at(ms, callback) {
      now = Math.max(now, ms)
      const timer = setImmediate(callback)
      return () => clearImmediate(timer)
    },
  }
}

async function costs(theJob) {
  const times = []
  const memory = []
  const handle = run(theJob, { until: `${INTERVALS}i`, clock: steppingClock() })
  handle.on('interval', ({ interval, processingMs }) => {
    times.push(processingMs)
    if (interval.index === 500 || interval.index === INTERVALS - 1) {
      globalThis.gc?.()
      memory.push(process.memoryUsage.rss())
    }
  })
  await handle.finished
  return { ms: median(times), growth: memory[1] / memory[0] }
}

export async function small() {
  const plain = await costs(stateless())
  const kept = await costs(stateful())
  return [
    ['stateless interval, median ms', plain.ms.toFixed(2), '<= 3'],
    ['stateless, RSS at the end / after 500', plain.growth.toFixed(2), '<= 1.2'],
    ['running count over 60 K keys, median ms', kept.ms.toFixed(2), '<= 6'],
    ['stateful, RSS at the end / after 500', kept.growth.toFixed(2), '<= 1.2'],
  ]
}
