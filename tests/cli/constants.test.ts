/** Variables from outside functions, in jobs as users have them: from the command line, and from a program. */
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dstreams, ROOT } from './command.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-constants-'))
  await mkdir(join(directory, 'node_modules'))
  await symlink(ROOT, join(directory, 'node_modules', 'dstreams'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const JOB = `
import { type Aggregate, asc, fromArray, job, sum, stdout } from 'dstreams'
import { COUNTRIES } from './countries.ts'

interface Sale { country: string; price: number; ms: number }
const MINUTE: number = 60 * 1000
const FACTORS = { de: 1.5, at: 2 } as const
const rows = [
  { country: 'de', price: 10, ms: 60_000 },
  { country: 'at', price: 20, ms: 59_999 },
  { country: 'fr', price: 40, ms: 90_000 },
  { country: 'at', price: 5, ms: 70_000 },
  { country: 'de', price: 1, ms: 99_000 },
]

export default job(
  'sales',
  { interval: '1s', params: { min: 'number', label: { default: 'sale' } } },
  (s, params) => {
    const factor = FACTORS.de
    const { label } = params
    s.from(fromArray(rows, { country: 'string', price: 'number', ms: 'integer' }), 'in')
      .filter((sale: Sale) => sale.ms >= MINUTE)
      .filter((sale) => COUNTRIES.includes(sale.country))
      .filter((sale) => sale.price > params.min)
      .map((sale, { params }) => ({ price: sale.price * factor, text: label + params.between + sale.country }), { between: ': ' })
      .to('out', stdout())
  },
)
`
const COUNTRIES = "export const COUNTRIES: readonly string[] = ['de', 'at']\n"
const RESULT = [
  { price: 15, text: 'sale: de' },
  { price: 7.5, text: 'sale: at' },
]
const rowsOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).row)

async function files(of: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(of)) await writeFile(join(directory, name), text)
}

describe('a job file', () => {
  const RUN = ['run', 'job.ts', '--until', 'drained', '--format', 'ndjson', '--param', 'min=1']

  it.each(['duckdb', 'memory'])('has its constants on %s', async (engine) => {
    await files({ 'job.ts': JOB, 'countries.ts': COUNTRIES })
    const strict = engine === 'duckdb' ? ['--strict'] : []
    const ended = await dstreams([...RUN, '--engine', engine, ...strict], { cwd: directory })
    expect(ended).toMatchObject({ status: 0 })
    expect(rowsOf(ended.stdout).sort((a: any, b: any) => b.price - a.price)).toEqual(RESULT)
  })

  it('shows them in explain, as parameters of the query', async () => {
    await files({ 'job.ts': JOB, 'countries.ts': COUNTRIES })
    const args = ['explain', 'job.ts', '--param', 'min=1', '--format', 'json']
    const ended = await dstreams(args, { cwd: directory })
    const { steps } = JSON.parse(ended.stdout)
    const lambdas = steps.flatMap((step: any) => step.lambdas)
    expect(lambdas.map((lambda: any) => lambda.compiled)).toEqual([true, true, true, true])
    expect(lambdas.map((lambda: any) => lambda.parameters)).toEqual([
      [60_000],
      ['de', 'at'],
      [1],
      expect.arrayContaining(['sale', ': ']),
    ])
  })

  it('tells of a variable that is not known how to pass it', async () => {
    const changed = JOB.replace('const MINUTE', 'let MINUTE').replace('const rows', 'MINUTE += 1\nconst rows')
    await files({ 'changed.ts': changed, 'countries.ts': COUNTRIES })
    const ended = await dstreams([...RUN.with(1, 'changed.ts'), '--strict'], { cwd: directory })
    expect(ended).toMatchObject({ status: 2 })
    expect(ended.stderr).toContain('`MINUTE` is a variable from outside the lambda')
    expect(ended.stderr).toMatch(/\(e, \{ params \}\) => \.\.\. params\.MINUTE.*\{ MINUTE \}/)
  })

  it('is refused where a function reads a clock', async () => {
    await files({
      'clock.ts': JOB.replace('sale.ms >= MINUTE', 'sale.ms >= Date.now() - MINUTE'),
      'countries.ts': COUNTRIES,
    })
    for (const engine of ['duckdb', 'memory']) {
      const ended = await dstreams([...RUN.with(1, 'clock.ts'), '--engine', engine], { cwd: directory })
      expect(ended).toMatchObject({ status: 2, stdout: '' })
      expect(ended.stderr).toMatch(/filter after step "in".*`Date\.now\(\)`.*ctx\.interval\.fromMs/s)
    }
  })
})

describe('a program', () => {
  const program = (more = '') => `import { run } from 'dstreams'
${JOB.replace('export default', 'const sales =').replace('./countries.ts', './countries.mjs')}
${more}
await run(sales, { engine: 'duckdb', strict: true, until: 'drained', format: 'ndjson', params: { min: 1 } }).finished
`
  const withoutTypes = (text: string) =>
    text
      .replace('type Aggregate, ', '')
      .replace(/interface .*\n/, '')
      .replace(': Sale', '')
      .replace(': number', '')
      .replace(' as const', '')
      .replace(': readonly string[]', '')
      // nothing is known of the inside of another module
      .replace("import { COUNTRIES } from './countries.mjs'", "const COUNTRIES = ['de', 'at']")
  const runProgram = (name: string) =>
    spawnSync(process.execPath, [name], { cwd: directory, encoding: 'utf8' })

  it('has its constants, read from its file', async () => {
    await files({ 'program.mjs': withoutTypes(program()) })
    const { status, stdout, stderr } = runProgram('program.mjs')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(rowsOf(stdout).sort((a: any, b: any) => b.price - a.price)).toEqual(RESULT)
  })

  it('has none in a file that was changed since', async () => {
    const touch =
      "import { utimesSync } from 'node:fs'\nutimesSync(import.meta.filename ?? process.argv[1], 9e9, 9e9)"
    await files({ 'touched.mjs': withoutTypes(program(touch)) })
    const { status, stderr } = runProgram('touched.mjs')
    expect(status).toBe(1)
    expect(stderr).toContain('`MINUTE` is a variable from outside the lambda')
  })

  it('has none of another module', async () => {
    const other = withoutTypes(program()).replace(
      "const COUNTRIES = ['de', 'at']",
      "import { COUNTRIES } from './countries.mjs'",
    )
    await files({ 'other.mjs': other, 'countries.mjs': COUNTRIES.replace(': readonly string[]', '') })
    const { status, stderr } = runProgram('other.mjs')
    expect(status).toBe(1)
    expect(stderr).toContain('`COUNTRIES` is a variable from outside the lambda')
    expect(stderr).not.toContain('`MINUTE`')
  })
})
