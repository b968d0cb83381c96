import { describe, expect, test } from 'vitest'
import { intervalAt } from '../../src/interval/interval.ts'
import type { SinkStep } from '../../src/plan/step.ts'
import { SINK_LAG, SinkQueue } from '../../src/run/sink-queue.ts'
import { STRING } from '../../src/schema/type.ts'
import type { OpenSink, Output } from '../../src/sinks/sink.ts'
import { type FakeSink, fakeSink, Gate, settle } from './fakes.ts'

const interval = (index: number) => intervalAt({ originMs: 0, lengthMs: 1000 }, index)
const rows = (...values: readonly string[]): Output => ({
  rows: () => Promise.resolve(values),
  parquet: () => Promise.reject(new Error('not asked for')),
})

async function queueOf(sink: FakeSink): Promise<SinkQueue> {
  const step: SinkStep = {
    id: 1,
    kind: 'sink',
    name: 'out',
    flow: 'stream',
    type: STRING,
    parents: [0],
    key: undefined,
    sink,
  }
  const open: OpenSink = await sink.open({
    job: 'j',
    step: 'out',
    flow: 'stream',
    type: STRING,
    key: undefined,
    directory: '.',
    format: 'table',
    print() {},
  })
  return new SinkQueue(step, open)
}

/** A sink whose write of interval n waits for a gate. */
function gated(): { sink: FakeSink; gates: Gate[] } {
  const gates: Gate[] = Array.from({ length: SINK_LAG + 2 }, () => new Gate())
  return { sink: fakeSink({ write: ({ index }) => gates[index]!.passed }), gates }
}

const states = async (promises: readonly Promise<unknown>[]): Promise<readonly string[]> => {
  const found = promises.map(() => 'pending')
  promises.forEach((promise, index) => {
    promise.then(
      () => (found[index] = 'done'),
      (error) => (found[index] = error.message),
    )
  })
  await settle()
  return found
}

describe('the writes of a sink', () => {
  test('are made one at a time, in the order of intervals', async () => {
    const { sink, gates } = gated()
    const queue = await queueOf(sink)
    for (const index of [0, 1, 2]) queue.write(interval(index), rows(`r${index}`))
    await settle()
    expect(sink.log).toEqual(['open', 'write 0: r0'])
    // that a later one could go on changes nothing
    gates[1]!.open()
    await settle()
    expect(sink.log).toEqual(['open', 'write 0: r0'])
    gates[0]!.open()
    await settle()
    expect(sink.log.slice(2)).toEqual(['wrote 0', 'write 1: r1', 'wrote 1', 'write 2: r2'])
    expect(await states([queue.written()])).toEqual(['pending'])
    gates[2]!.open()
    await queue.written()
    expect(sink.log.at(-1)).toBe('wrote 2')
  })

  test(`are at most ${SINK_LAG} behind`, async () => {
    const { sink, gates } = gated()
    const queue = await queueOf(sink)
    for (let index = 0; index < SINK_LAG; index++) {
      expect(await states([queue.ready()])).toEqual(['done'])
      queue.write(interval(index), rows())
    }
    const ready = queue.ready()
    expect(await states([ready])).toEqual(['pending'])
    gates[0]!.open()
    await ready
    expect(sink.log).toContain('wrote 0')
  })

  test('written() is of the writes so far', async () => {
    const { sink, gates } = gated()
    const queue = await queueOf(sink)
    expect(await states([queue.written()])).toEqual(['done'])
    queue.write(interval(0), rows())
    const first = queue.written()
    queue.write(interval(1), rows())
    gates[0]!.open()
    expect(await states([first, queue.written()])).toEqual(['done', 'pending'])
  })

  test('end with the first that fails: nothing is written past a gap', async () => {
    const { sink, gates } = gated()
    const queue = await queueOf(sink)
    for (let index = 0; index < SINK_LAG; index++) queue.write(interval(index), rows())
    gates[0]!.open()
    gates[1]!.fail(new Error('the disk is gone'))
    const failed =
      'Sink "out" failed in interval 1: the disk is gone. Mend what the sink writes to, then start the job again.'
    await expect(queue.written()).rejects.toThrow(failed)
    queue.write(interval(SINK_LAG), rows())
    expect(await states([queue.written()])).toEqual([failed])
    expect(sink.log.filter((line) => line.startsWith('write '))).toEqual(['write 0: ', 'write 1: '])
  })

  test('fail whoever waits for room', async () => {
    const { sink, gates } = gated()
    const queue = await queueOf(sink)
    for (let index = 0; index < SINK_LAG; index++) queue.write(interval(index), rows())
    const ready = queue.ready()
    gates[0]!.fail(new Error('no'))
    await expect(ready).rejects.toMatchObject({ code: 'DS_SINK', retriable: true })
  })

  test('that are queued are dropped when it is closed; the one under way ends first', async () => {
    const { sink, gates } = gated()
    const queue = await queueOf(sink)
    for (const index of [0, 1, 2]) queue.write(interval(index), rows())
    await settle()
    const closed = queue.close()
    for (const gate of gates) gate.open()
    await closed
    await settle()
    expect(sink.log).toEqual(['open', 'write 0: ', 'wrote 0', 'close'])
  })
})
