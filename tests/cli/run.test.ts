import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dstreams, MAIN, ROOT, start } from './command.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-cli-'))
  await writeFile(join(directory, 'count-words.ts'), COUNT_WORDS)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const COUNT_WORDS = `
import { count, job, lines, stdout } from 'dstreams'
const options = { interval: '100ms', params: { input: 'string', loud: { default: false } } } as const
export default job('count-words', options, (s, params) =>
  s.from(lines(params.input))
    .flatMap((line: string) => line.split(' '))
    .groupBy(word => ({ word }))
    .aggregate({ n: count() })
    .running()
    .to(params.loud ? 'WORDS' : 'words', stdout()))
`

/** The last content that was printed for each word. */
const lastOf = (ndjson: string): Record<string, number> =>
  Object.fromEntries(
    ndjson
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { row: { word: string; n: number } })
      .map(({ row }) => [row.word, row.n]),
  )

for (const engine of ['memory', 'duckdb'])
  describe(`dstreams run on ${engine}`, () => {
    const run = (file: string, ...more: string[]) => [
      'run',
      join(directory, file),
      '--engine',
      engine,
      ...more,
    ]

    it('prints NDJSON and nothing else on standard output', async () => {
      await writeFile(join(directory, 'in.txt'), 'a b a\nb a\n')
      const ended = await dstreams(
        run(
          'count-words.ts',
          '--input',
          join(directory, 'in.txt'),
          '--until',
          'drained',
          '--format',
          'ndjson',
        ),
      )
      expect(ended).toMatchObject({
        status: 0,
        stderr: expect.stringMatching(/^1 interval, 2 records in .* s \(everything was read\)\n$/),
      })
      const rows = ended.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(rows).toContainEqual({ step: 'words', interval: 0, row: { word: 'a', n: 3 } })
      expect(rows).toHaveLength(2)
    })

    it('prints tables, with the facts of each interval on standard error', async () => {
      const ended = await dstreams(run('count-words.ts', '--param', 'input=-', '--loud'), { input: 'a b\na' })
      expect(ended.status).toBe(0)
      expect(ended.stdout).toMatch(/^WORDS, interval \d+ \(.* UTC\)\n {2}word {2}n\n/)
      expect(ended.stdout).toContain('\n  a     2\n')
      expect(ended.stderr).toMatch(
        /^interval 0: \d records?, [\d.]+ ms, total delay [\d.]+ ms, backlog \d+\n/,
      )
    })

    it('reads a pipe and ends with it', async () => {
      const running = start(run('count-words.ts', '--input', '-', '--format', 'ndjson'))
      running.process.stdin!.write('a a\n')
      await running.shows('"word":"a","n":2')
      running.process.stdin!.write('a\n')
      await running.shows('"word":"a","n":3')
      running.process.stdin!.end()
      const ended = await running.ended
      expect(ended.status).toBe(0)
      expect(lastOf(ended.stdout)).toEqual({ a: 3 })
    })

    it('follows a file that grows', async () => {
      const input = join(directory, `growing-${engine}.log`)
      await writeFile(input, 'a\n')
      const running = start(run('count-words.ts', `--input=${input}`, '--format', 'ndjson'))
      await running.shows('"word":"a","n":1')
      await appendFile(input, 'a\n')
      await running.shows('"word":"a","n":2')
      running.process.kill('SIGTERM')
      expect(await running.ended).toMatchObject({ status: 0 })
    })

    it.each(['SIGINT', 'SIGTERM'] as const)(
      'on %s finishes the interval, prints a summary and exits with 0',
      async (signal) => {
        const running = start(run('count-words.ts', '--input', 'tcp://127.0.0.1:0'))
        await running.shows('interval 2: ', 'stderr')
        const before = performance.now()
        running.process.kill(signal)
        const ended = await running.ended
        expect(performance.now() - before).toBeLessThan(2000)
        expect(ended).toMatchObject({ status: 0, signal: null })
        expect(ended.stderr).toMatch(/\n\d+ intervals, 0 records in .* s \(stopped\)\n$/)
      },
    )

    it('ends quietly when nobody reads on', async () => {
      const file = join(directory, 'numbers.ts')
      await writeFile(
        file,
        `import { generate, job, stdout } from 'dstreams'
         export default job('numbers', { interval: '10ms' }, s => s.from(generate({ rate: 100_000 })).to('n', stdout({ rows: 1000 })))`,
      )
      const command = `"${process.execPath}" "${MAIN}" run "${file}" --engine ${engine} | head -1; echo "\${PIPESTATUS[@]}"`
      const shell = spawn('bash', ['-c', command])
      let stdout = ''
      let stderr = ''
      shell.stdout.on('data', (piece) => (stdout += piece))
      shell.stderr.on('data', (piece) => (stderr += piece))
      await new Promise((resolve) => shell.on('close', resolve))
      expect(stdout).toMatch(/^n, interval 0 .*\n0 0\n$/)
      expect(stderr).not.toMatch(/error|EPIPE/i)
    })

    it('ends after a number of intervals or a time', async () => {
      const count = await dstreams(run('count-words.ts', '--input', '-', '--until', '3i'), { input: 'a\n' })
      expect(count).toMatchObject({ status: 0 })
      const time = start(
        run('count-words.ts', '--input', 'tcp://127.0.0.1:0', '--until', '300ms', '--interval', '50ms'),
      )
      expect((await time.ended).stderr).toContain('6 intervals, 0 records')
    })

    it('prints its first interval within 3 s', async () => {
      const running = start(['run', 'examples/wordcount.ts', '--engine', engine], { cwd: ROOT })
      const before = performance.now()
      await running.shows('top words, interval 0')
      expect(performance.now() - before).toBeLessThan(3000)
      running.process.kill('SIGINT')
      expect((await running.ended).status).toBe(0)
    })
  })

describe('dstreams run', () => {
  it('listens on a port', async () => {
    const port = 20_000 + (process.pid % 20_000)
    const file = join(directory, 'count-words.ts')
    const url = `tcp://127.0.0.1:${port}`
    const running = start([
      'run',
      file,
      '--engine',
      'memory',
      '--input',
      url,
      '--format',
      'ndjson',
      '--verbose',
    ])
    await running.shows('interval 0: ', 'stderr')
    const second = await dstreams(['run', file, '--engine', 'memory', '--input', url])
    expect(second).toMatchObject({ status: 1, stdout: '' })
    expect(second.stderr).toMatch(
      /^error DS_SOURCE: tcp:\/\/127\.0\.0\.1:\d+ can't be listened on: .*EADDRINUSE.*\n {2}Another program/,
    )
    const client = connect(port, '127.0.0.1')
    client.write('x y x\n')
    await running.shows('"word":"x","n":2')
    client.destroy()
    running.process.kill('SIGINT')
    expect(await running.ended).toMatchObject({ status: 0 })
  })

  it('takes a signal that comes twice at the same moment as one, as under npm start', async () => {
    const running = start([
      'run',
      join(directory, 'count-words.ts'),
      '--engine',
      'memory',
      '--input',
      'tcp://127.0.0.1:0',
    ])
    await running.shows('interval 0: ', 'stderr')
    running.process.kill('SIGINT')
    running.process.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ status: 0, stderr: expect.stringMatching(/\(stopped\)\n$/) })
  })

  it.skipIf(process.platform !== 'linux')('tells that standard output can not be written', async () => {
    for (const command of [
      `run examples/count.ts --engine memory --until drained`,
      `run examples/count.ts --engine memory --until drained --format ndjson`,
      'explain examples/count.ts',
    ]) {
      const shell = spawn('bash', ['-c', `"${process.execPath}" "${MAIN}" ${command} > /dev/full`], {
        cwd: ROOT,
      })
      let stderr = ''
      shell.stderr.on('data', (piece) => (stderr += piece))
      const status = await new Promise((resolve) => shell.on('close', resolve))
      expect(stderr).toMatch(
        /error DS_SINK: Standard output can't be written: ENOSPC: .*\n {2}Check where it goes/,
      )
      expect(status).toBe(1)
    }
  })

  it('explain and help end quietly when nobody reads on', async () => {
    const shell = spawn(
      'bash',
      ['-c', `"${process.execPath}" "${MAIN}" explain examples/count.ts | true; echo "\${PIPESTATUS[0]}"`],
      { cwd: ROOT },
    )
    let text = ''
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (piece) => (text += piece))
    await new Promise((resolve) => shell.on('close', resolve))
    expect(text).toBe('0\n')
  })

  it('the second signal ends at once', async () => {
    const file = join(directory, 'stuck.ts')
    await writeFile(
      file,
      `import { forEach, generate, job } from 'dstreams'
       export default job('stuck', { interval: '50ms' }, s => s.from(generate({ rate: 100 })).to('n', forEach(() => {
         console.log('stuck now')
         return new Promise(() => {})
       })))`,
    )
    const running = start(['run', file, '--engine', 'memory'])
    await running.shows('stuck now')
    running.process.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(running.process.exitCode).toBe(null)
    running.process.kill('SIGINT')
    expect(await running.ended).toMatchObject({ status: 130 })
  })
})
