import { describe, expect, it } from 'vitest'
import { count, desc, explain, fromArray, job, planText, stdout } from '../../src/index.ts'
import { dstreams, ROOT } from './command.ts'

const top = job('top', { interval: '1s' }, (s) => {
  const words = s.from(fromArray([], { word: 'string', n: 'integer' }), 'words')
  words
    .filter((row) => row.n > 3)
    .window('3s')
    .groupBy((row) => ({ word: row.word }))
    .aggregate({ n: count() })
    .top(
      10,
      desc((row) => row.n),
    )
    .to('top words', stdout())
})

describe('explain', () => {
  it('tells of each step what it is and how it is kept', async () => {
    const { steps } = await explain(top)
    expect(steps.map(({ kind, flow, kept }) => [kind, flow, kept])).toEqual([
      ['source', 'stream', undefined],
      ['select', 'stream', undefined],
      ['window', 'table', 'derived'],
      ['aggregate', 'table', 'folded'],
      ['order', 'table', 'derived'],
      ['sink', 'table', undefined],
    ])
    expect(steps[3]).toMatchObject({
      number: 4,
      type: '{ word: string, n: integer }',
      key: ['word'],
      parents: [{ number: 3, dependency: 'shuffle' }],
      made: [{ part: 'partial', remember: 4 }],
    })
    expect(steps[5]!.parents).toEqual([{ number: 5, name: steps[4]!.name, dependency: 'narrow' }])
  })

  it('shows what functions became, with their values beside', async () => {
    const [filter] = (await explain(top)).steps[1]!.lambdas
    expect(filter).toMatchObject({ role: 'filter', compiled: true, parameters: [3] })
    expect(filter).toMatchObject({ sql: expect.stringContaining('"n"') })
    expect((await explain(top, { engine: 'memory' })).steps[1]!.lambdas).toEqual([
      { role: 'filter', compiled: true, parameters: [] },
    ])
  })

  it('tells why a function is not compiled, and what to do', async () => {
    const other = job('other', { interval: '1s' }, (s) =>
      s
        .from(fromArray([], { word: 'string' }))
        .map((row) => row.word.localeCompare('a'))
        .to('out', stdout()),
    )
    const explanation = await explain(other)
    expect(explanation.steps[1]!.lambdas[0]).toMatchObject({
      role: 'map',
      compiled: false,
      line: 1,
      construct: expect.stringContaining('localeCompare'),
    })
    expect(planText(explanation)).toMatch(
      /map: JAVASCRIPT, because of .*localeCompare.* \(line 1, column \d+ of the function\)\n/,
    )
  })

  it('prints the plan of a job file', async () => {
    const ended = await dstreams(['explain', 'examples/wordcount.ts', '--input', 'x.log'], { cwd: ROOT })
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout).toMatch(/^job wordcount, intervals of 1s\n\n1 {2}/)
    expect(ended.stdout).toContain('1  textFiles: source (textFiles x.log)\n     stream of string\n')
    expect(ended.stdout).toContain(
      '     made: partial results per interval and key, remembered for 31 intervals\n',
    )
    expect(ended.stdout).toContain('with $1 = " "')
  })
})

describe('the rest of the command', () => {
  it('shows help and the version', async () => {
    for (const args of [[], ['help'], ['--help'], ['run', '-h'], ['run', 'job.ts', '--help']]) {
      const ended = await dstreams(args)
      expect(ended).toMatchObject({ status: 0, stderr: '' })
      expect(ended.stdout).toMatch(/^Usage:\n {2}dstreams run <job file>/)
      for (const line of ended.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110)
    }
    const version = await dstreams(['--version'])
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
