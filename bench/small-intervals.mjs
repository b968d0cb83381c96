/** What an interval with next to nothing in it costs: 10,000 intervals of ten records, stateless and with state. */
import { count, forEach, fromArray, generate, job, run } from '../dist/index.js'
import { median } from './measure.mjs'

const INTERVALS = 10_000

const stateless = () =>
  job('stateless', { interval: '1s' }, (s) =>
    s
      .from(generate({ rate: 10 }))
      .filter((i) => i % 3 === 0)
      .map((i) => ({ i, half: i / 2 }))
      .to(
        'out',
        forEach(async () => {}),
      ),
  )

/** A running count over 60,000 keys, all there from the first interval on; each later interval changes ten of them. */
const stateful = () =>
  job('stateful', { interval: '1s' }, (s) => {
    const keys = s.from(
      fromArray(
        Array.from({ length: 60_000 }, (_, key) => ({ key })),
        { key: 'integer' },
      ),
    )
    const updates = s.from(generate({ rate: 10 })).map((i) => ({ key: (i * 7919) % 60_000 }))
    keys
      .union(updates.map((u) => ({ key: Math.floor(u.key) })))
      .groupBy((u) => ({ key: u.key }))
      .aggregate({ n: count() })
      .running()
      .changes()
      .to(
        'out',
        forEach(async () => {}),
      )
  })

/** A clock that goes on to the next interval when the one before is done: one interval at a time, without waiting. */
function steppingClock() {
  let now = 0
  let waiting
  let isDone = true
  const release = () => {
    if (!waiting || !isDone) return
    const { ms, callback } = waiting
    waiting = undefined
    isDone = false
    now = Math.max(now, ms)
    setImmediate(callback)
  }
  return {
    now: () => now,
    precise: () => performance.now(),
    at(ms, callback) {
      waiting = { ms, callback }
      release()
      return () => {
        waiting = undefined
      }
    },
    done() {
      isDone = true
      release()
    },
  }
}

async function costs(theJob) {
  const times = []
  const memory = []
  const clock = steppingClock()
  const handle = run(theJob, { until: `${INTERVALS}i`, clock })
  handle.on('interval', ({ interval, processingMs, together }) => {
    if (together > 1) throw new Error('intervals were computed together')
    times.push(processingMs)
    setImmediate(clock.done)
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
