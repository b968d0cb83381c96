/** A disk that is full: one error that names the path and the cure, and nothing hangs. Needs root, to mount a small one. */
import { spawnSync } from 'node:child_process'
import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { type RunOptions, run } from '../../src/run/run.ts'
import { csv } from '../../src/sinks/csv.ts'
import { ndjson } from '../../src/sinks/ndjson.ts'
import { parquet } from '../../src/sinks/parquet.ts'
import { textFiles } from '../../src/sources/files.ts'
import { fromArray } from '../../src/sources/from-array.ts'
import type { Source } from '../../src/sources/source.ts'
import { tcpLines } from '../../src/sources/tcp.ts'
import { type Job, job } from '../../src/stream/job.ts'
import { temporaryDirectory } from '../sources/context.ts'
import { fakeSink } from './fakes.ts'

const ENGINES = ['memory', 'duckdb'] as const

/** Mounts a file system of 2 MiB, or skips the test. */
function smallDisk(context: TestContext): string {
  const path = temporaryDirectory()
  if (process.getuid?.() !== 0) context.skip('only root can mount a small file system')
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path])
  if (mounted.status !== 0) context.skip('a small file system can not be mounted here')
  onTestFinished(() => void spawnSync('umount', ['-l', path]))
  return path
}

/** The error that ends a job. */
const failureOf = (what: Job, options: RunOptions): Promise<any> =>
  run(what, options).finished.then(
    () => Promise.reject(new Error('the job did not fail')),
    (error) => error,
  )

/** 6 MB that no format makes small. */
const LINES = Array.from({ length: 100_000 }, (_, n) => `${n} ${Math.sin(n)} ${Math.cos(n)} ${Math.tan(n)}`)

describe.each(ENGINES)('on %s a full disk', { timeout: 30_000 }, (engine) => {
  test("of the job's directory", async (context) => {
    const dir = smallDisk(context)
    const directory = temporaryDirectory()
    const path = join(directory, 'a.log')
    writeFileSync(path, `${LINES.join('\n')}\n`)
    // a file that was written just now is copied into a block
    const later = new Date(Date.now() + 60_000)
    utimesSync(path, later, later)
    const what = job('full', { interval: '1s' }, (s) => s.from(textFiles('*.log')).to('out', fakeSink()))
    const error = await failureOf(what, { engine, until: 'drained', dir, directory })
    expect(error).toMatchObject({ code: 'DS_STORAGE', retriable: true, exit: 1 })
    expect(error.what).toContain(join(dir, 'blocks'))
    expect(error.what).toContain('ENOSPC')
    expect(error.cure).toBe('Free space there, or choose another directory with --dir.')
    // what was half written is not left behind
    expect(readdirSync(dir)).toEqual([])
  })

  for (const [kind, sinkTo] of Object.entries({ ndjson, csv, parquet }))
    test(`of a sink that writes ${kind}`, async (context) => {
      const out = join(smallDisk(context), 'out')
      const rows = LINES.map((line) => ({ line }))
      const what = job('full', { interval: '1s' }, (s) =>
        s.from(fromArray(rows, { line: 'string' })).to('files', sinkTo(out)),
      )
      const error = await failureOf(what, { engine, until: 'drained' })
      expect(error).toMatchObject({ code: 'DS_STORAGE', retriable: true, exit: 1 })
      expect(error.what).toMatch(/^Sink "files": .* can't be written: .*no space left on device/i)
      expect(error.what).toContain(join(out, `000000000.${kind}`))
      expect(error.cure).toBe('Free space there, or give the sink another directory.')
      // neither an interval's output, nor what was half written of it
      expect(readdirSync(out)).toEqual(['.dstreams.json'])
    })

  test('of what is received', async (context) => {
    const dir = smallDisk(context)
    const source = tcpLines('tcp://127.0.0.1:0')
    // a client that sends all there is, once the port is open
    const listening: Source<string> = {
      ...source,
      async open(opening) {
        const open = await source.open(opening)
        const client = connect(Number(new URL(open.address).port), '127.0.0.1')
        client.on('error', () => {})
        client.write(`${LINES.join('\n')}\n`)
        onTestFinished(() => void client.destroy())
        return open
      },
    }
    const what = job('full', { interval: '100ms' }, (s) => s.from(listening).to('out', fakeSink()))
    const error = await failureOf(what, { engine, dir })
    expect(error).toMatchObject({ code: 'DS_STORAGE', retriable: true, exit: 1 })
    expect(error.what).toContain(join(dir, 'blocks'))
    expect(error.what).toContain('ENOSPC')
    expect(error.cure).toBe('Free space there, or choose another directory with --dir.')
    expect(readdirSync(dir)).toEqual([])
  })
})
