import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dstreams } from './command.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-bad-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** Runs a job file in the directory and expects an error: one clear message, no stack, nothing on standard output. */
async function failing(args: readonly string[], status: number): Promise<string> {
  const ended = await dstreams(args, { cwd: directory })
  expect(ended).toMatchObject({ status, stdout: '' })
  expect(ended.stderr).not.toMatch(/^\s+at /m)
  return ended.stderr
}

const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(directory, name), text)
  return name
}

const JOB = `import { job, lines, stdout } from 'dstreams'
export default job('j', { interval: '1s', params: { input: { default: 'in.txt' }, min: 'number' } }, (s, params) => {
  s.from(lines(params.input)).to('out', stdout())
})`

describe('the command line', () => {
  beforeAll(() => file('job.ts', JOB))

  it.each<[readonly string[], string]>([
    [['walk', 'job.ts'], 'There is no command "walk".\n  The commands are run and explain.'],
    [['rnu', 'job.ts'], 'There is no command "rnu".\n  The commands are run and explain. Did you mean run?'],
    [['run'], 'dstreams run needs a job file.\n  Write: dstreams run job.ts'],
    [['run', 'job.ts', 'other.ts'], '"other.ts" comes after the job file job.ts.'],
    [['run', 'job.ts', '--engine', 'spark'], '--engine is "spark".\n  Give duckdb or memory.'],
    [
      ['run', 'job.ts', '--engine', 'dukdb'],
      '--engine is "dukdb".\n  Give duckdb or memory. Did you mean duckdb?',
    ],
    [['run', 'job.ts', '--engine'], '--engine has no value.\n  Write --engine <duckdb|memory>.'],
    [['run', 'job.ts', '--until', '--format'], '--until has no value.'],
    [['run', 'job.ts', '--format', 'xml'], '--format is "xml".\n  Give table or ndjson.'],
    [
      ['run', 'job.ts', '--until', 'never'],
      '--until is "never".\n  Give drained (the job ends when all was read), a duration such as 30s, or a number of intervals such as 20i.',
    ],
    [['run', 'job.ts', '--until', '0i'], '--until is "0i".'],
    [['run', 'job.ts', '--until', '1s', '--until', '2s'], '--until is given twice.'],
    [['run', 'job.ts', '--interval', '5'], '--interval is "5".\n  Give a duration: 100ms, 1s, 1m.'],
    [
      ['run', 'job.ts', '--param', 'min'],
      '--param is "min".\n  Give a name and a value: --param name=value.',
    ],
    [['run', 'job.ts', '--verbose=yes'], '--verbose is given the value "yes".'],
    [
      ['run', 'job.ts', '--imput', 'x'],
      'There is no option --imput.\n  There is --engine, --param, --interval, --dir, --until, --format, --strict, --verify, --verbose, --help, --version, and of this job --input, --min. Did you mean --input?',
    ],
    [['run', 'job.ts', '--intervall=1s'], 'Did you mean --interval?'],
    [['run', 'job.ts', '-x'], 'There is no option -x.'],
    [['run', 'job.ts', '--min', '-5'], '--min has no value.\n  Write --min=<value>.'],
    [['run', 'job.ts', '--min'], '--min has no value.'],
    [['run', 'job.ts', '--min', '--input', 'x'], '--min has no value.'],
    [['run', 'job.ts', '--input', 'a', '--param', 'input=b'], 'The parameter "input" is given twice.'],
    [['run', 'job.ts', '--param', 'size=1'], 'The job has no parameter "size".\n  It has: input, min.'],
    [['run', 'job.ts', '--min', 'few'], 'The parameter "min" is "few".\n  Give a number.'],
    [['explain', 'job.ts', '--until', '3i'], 'dstreams explain has no option --until.'],
  ])('%j', async (args, message) => {
    const text = await failing(args, 2)
    expect(text).toContain(message)
    expect(text).toMatch(/^error DS_USAGE: .*\n {2}.*\n {2}The job was not started\.\n$/)
  })

  it('gives one option of an undeclared job by --param', async () => {
    await file('undeclared.ts', JOB.replace(/, params: \{.*?\}, min: 'number' \}/, ''))
    const text = await failing(['run', 'undeclared.ts', '--input', 'x'], 2)
    expect(text).toContain('This job declares no parameters; give one by --param input=...')
    expect(await failing(['run', 'undeclared.ts', '--engine', 'memory'], 2)).toContain(
      'The job reads the parameter "input", which was not given.\n  Add --param input=...',
    )
  })
})

describe('the job file', () => {
  it.each<[string, string, string]>([
    ['syntax.ts', 'const a = 1\nexport default job(', 'syntax.ts:2:20: Unexpected end of file.'],
    [
      'import.ts',
      "import { x } from './nowhere'\nexport default x",
      'import.ts:1:19: Could not resolve "./nowhere"',
    ],
    [
      'package.ts',
      "import { x } from 'nowhere'\nexport default x",
      'package.ts:1:19: Could not resolve "nowhere"',
    ],
    ['none.ts', 'export const a = 1', 'none.ts has no default export; it exports a.'],
    [
      'named.ts',
      "import { job } from 'dstreams'\nexport const words = job('j', { interval: '1s' }, () => {})",
      'named.ts has no default export; it exports words (a job).',
    ],
    ['empty.ts', '', 'empty.ts has no default export; it exports nothing.'],
    ['other.ts', 'export default { name: "x" }', 'The default export of other.ts is an object, not a job.'],
    ['function.ts', 'export default () => {}', 'The default export of function.ts is a function, not a job.'],
    [
      'throws.ts',
      'const x: any = null\n\nexport default x.y',
      "throws.ts failed while it was loaded: Cannot read properties of null (reading 'y') (line 3).",
    ],
    [
      'missing.ts',
      "import { nothing } from 'dstreams'\nexport default nothing",
      'missing.ts failed while it was loaded: ',
    ],
  ])('%s', async (name, text, message) => {
    await file(name, text)
    const error = await failing(['run', name], 2)
    expect(error).toContain(`error DS_JOB_FILE: ${message}`)
    expect(error).toMatch(/\n {2}.*\n {2}The job was not started\.\n$/)
  })

  it('that is not there', async () => {
    expect(await failing(['run', 'nowhere.ts'], 2)).toBe(
      `error DS_JOB_FILE: There is no file nowhere.ts in ${directory}.\n  Give the path of a job file: dstreams run job.ts\n  The job was not started.\n`,
    )
    expect(await failing(['explain', '.'], 2)).toContain('. is not a file.')
  })
})

describe('the job', () => {
  const job = (body: string): string =>
    `import { csv, job, fromArray, lines, stdout } from 'dstreams'\nexport default job('j', { interval: '1s' }, s => { ${body} })`

  it.each<[string, string, string]>([
    [
      'two.ts',
      "const r = s.from(fromArray([], 'string')); r.to('out', stdout()); r.to('out', stdout())",
      'Two steps of job j are named "out".\n  Give each step a name of its own.',
    ],
    [
      'window.ts',
      "s.from(fromArray([], 'string')).window('2500ms').to('out', stdout())",
      'The window of 2500ms sliding by 1s does not fit intervals of 1s.',
    ],
    [
      'csv.ts',
      "s.from(fromArray([], { a: 'string[]' })).to('out', csv('out'))",
      'Sink "out" (csv): the column a is string[], which has no place in CSV.',
    ],
    ['nosink.ts', "s.from(fromArray([], 'string'))", 'Job j has no sink.'],
  ])('%s', async (name, body, message) => {
    await file(name, job(body))
    const error = await failing(['run', name, '--engine', 'memory'], 2)
    expect(error).toContain(`error DS_JOB: ${message}`)
    expect(error).toMatch(/\n {2}The job was not started\.\n$/)
  })

  it('with an input file that is not there', async () => {
    await file('lines.ts', job("s.from(lines('nowhere.txt')).to('out', stdout())"))
    const error = await failing(['run', 'lines.ts', '--engine', 'memory'], 1)
    expect(error).toContain(`error DS_SOURCE: There is no file nowhere.txt in ${directory}.\n`)
  })

  it('shows the stack, in the lines of the job file, only when it is asked for', async () => {
    await file('thrown.ts', 'interface Unused { a: string }\nconst x: any = null\nexport default x.y\n')
    const { stderr } = await dstreams(['run', 'thrown.ts', '--verbose'], { cwd: directory })
    expect(stderr).toMatch(/^ {4}at .*thrown\.ts:3:18\)?$/m)
  })
})
