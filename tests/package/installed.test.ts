/**
 * The package as users get it: packed, installed into an empty project, and used there.
 *
 * What is packed is what was built last (`npm run build`); `npm test` builds first. Times are printed and decide
 * nothing: they depend on the machine.
 */
import { execFile, spawn } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const execute = promisify(execFile)
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Size on disk of what `npm install dstreams` brings, at most. */
const INSTALLED_BYTES = 120 * 1024 * 1024

const JOB = `
import { count, desc, job, lines, stdout } from 'dstreams'

export default job('words', { interval: '1s' }, (s, params) =>
  s.from(lines(params.input!))
    .flatMap((line) => line.split(' '))
    .filter((word) => word !== '')
    .window('30s', { slide: '1s' })
    .groupBy((word) => ({ word }))
    .aggregate({ n: count() })
    .top(2, desc((row) => row.n))
    .to('top words', stdout()))
`
const PROGRAM = `
import { collectRows, count, fromArray, job, run } from 'dstreams'

const counts = collectRows<{ user: string; n: number }>()
const users = job('users', { interval: '1s' }, (s) =>
  s.from(fromArray([{ user: 'ada' }, { user: 'bob' }, { user: 'ada' }], { user: 'string' }))
    .groupBy((row) => ({ user: row.user }))
    .aggregate({ n: count() })
    .running()
    .to('counts', counts))
const { records } = await run(users, { until: 'drained' }).finished
export const total: number = records
console.log(JSON.stringify([...counts.last].sort((a, b) => b.n - a.n)))
`

let directory: string
let project: string
let files: readonly string[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-package-'))
  project = join(directory, 'project')
  await mkdir(project)
  const packed = await execute(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory],
    {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  const [{ filename, files: listed }] = JSON.parse(packed.stdout) as [
    { filename: string; files: { path: string }[] },
  ]
  files = listed.map(({ path }) => path)
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await writeFile(join(project, 'job.ts'), JOB)
  await writeFile(join(project, 'program.ts'), PROGRAM)
  await writeFile(join(project, 'text.txt'), 'to be or not to be\nto do\n')
  const install = ['install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline']
  await execute('npm', [...install, join(directory, filename)], { cwd: project })
}, 300_000)

afterAll(() => rm(directory, { recursive: true, force: true }))

const dstreams = (...args: string[]) =>
  execute('npx', ['--no-install', 'dstreams', ...args], { cwd: project })

describe('what is packed', () => {
  test('is the build, the documentation, the examples, and nothing else', () => {
    const folders = new Set(files.map((path) => path.split('/')[0]!))
    expect([...folders].sort()).toEqual(['LICENSE', 'README.md', 'dist', 'docs', 'examples', 'package.json'])
  })

  test('holds no file whose source is gone', () => {
    const built = files.filter((path) => /^dist\/.*\.js$/.test(path))
    const sources = new Set(readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }))
    const stale = built.filter((path) => !sources.has(path.replace(/^dist\//, '').replace(/\.js$/, '.ts')))
    expect(built.length).toBeGreaterThan(50)
    expect(stale, 'delete dist and build again').toEqual([])
  })
})

describe('installed in an empty project', () => {
  test('production dependencies take at most 120 MB', () => {
    const bytes = sizeOf(join(project, 'node_modules'))
    console.log(`installed: ${(bytes / 1024 / 1024).toFixed(1)} MiB`)
    expect(bytes).toBeLessThanOrEqual(INSTALLED_BYTES)
  })

  test.each(['duckdb', 'memory'])('npx dstreams run on %s', async (engine) => {
    const { stdout, stderr } = await dstreams(
      ...['run', 'job.ts', '--param', 'input=text.txt', '--until', 'drained'],
      ...['--engine', engine, '--format', 'ndjson'],
    )
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { step: 'top words', interval: 0, row: { word: 'to', n: 3 } },
      { step: 'top words', interval: 0, row: { word: 'be', n: 2 } },
    ])
    expect(stderr).toContain('2 records')
  })

  test('npx dstreams explain', async () => {
    const { stdout } = await dstreams('explain', 'job.ts', '--param', 'input=text.txt')
    expect(stdout).toContain('job words, intervals of 1s')
  })

  test('the examples run', async () => {
    const { stdout } = await dstreams('run', 'node_modules/dstreams/examples/count.ts', '--until', 'drained')
    expect(stdout).toContain('records, interval 4')
  })

  test.each([
    // the declarations of a few internal classes mention Node.js; without its types they are only skipped
    ['without the types of Node.js', { types: [], skipLibCheck: true }],
    [
      'with them, every declaration checked',
      { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
    ],
  ])('types are found, %s', async (_, more) => {
    const options = {
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2023', 'DOM'],
      strict: true,
      noEmit: true,
      ...more,
    }
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['job.ts', 'program.ts'] }),
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = await execute(process.execPath, [tsc, '-p', '.'], { cwd: project }).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  })

  test('import from dstreams in a program', async () => {
    // the types are checked above; here they are stripped, as a user's own tools would do
    const typescript = await import('typescript')
    const text = await readFile(join(project, 'program.ts'), 'utf8')
    const { outputText } = typescript.default.transpileModule(text, {
      compilerOptions: {
        module: typescript.default.ModuleKind.ESNext,
        target: typescript.default.ScriptTarget.ES2022,
      },
    })
    await writeFile(join(project, 'program.js'), outputText)
    const { stdout } = await execute(process.execPath, ['program.js'], { cwd: project })
    expect(JSON.parse(stdout)).toEqual([
      { user: 'ada', n: 2 },
      { user: 'bob', n: 1 },
    ])
  })

  test('the first interval is printed', async () => {
    await cp(join(root, 'examples/count.ts'), join(project, 'count.ts'))
    const ms = await millisecondsToOutput(['run', 'count.ts'])
    console.log(`from start to the first rows printed, with an interval of 1 s: ${ms.toFixed(0)} ms`)
  })
})

/** How long a command takes until it prints something on standard output. */
async function millisecondsToOutput(args: readonly string[]): Promise<number> {
  const startMs = performance.now()
  const child = spawn('npx', ['--no-install', 'dstreams', ...args], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)))
  const ms = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', () => resolve(performance.now() - startMs))
    child.on('close', () => reject(new Error('it ended without printing anything')))
  })
  child.stdout.resume()
  expect(await ended).toBe(0)
  return ms
}

/** Bytes of all files below a directory. */
function sizeOf(path: string): number {
  const stats = lstatSync(path)
  if (!stats.isDirectory()) return stats.size
  return readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0)
}

test('package.json names every dependency that the documentation gives a reason for', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const reasons = readFileSync(join(root, 'docs/decisions/dependencies.md'), 'utf8')
  expect(Object.keys(dependencies).filter((name) => !reasons.includes(`\`${name}\``))).toEqual([])
})
