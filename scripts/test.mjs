/**
 * `npm test`: every check of the project, one stage after the other.
 *
 *   build, lint and format, types, tests, package (publint), types of the package (are-the-types-wrong)
 *
 * All stages run, whatever fails. The last line is `N passed, N failed, N skipped`: the tests of vitest, and each other
 * stage as one test. A skipped test has to say why (`context.skip('reason')`), and in CI there must be none.
 *
 * Arguments go to vitest, and then only vitest runs: `npm test -- tests/schema`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isCI = Boolean(process.env.CI)
const temporary = mkdtempSync(join(tmpdir(), 'dstreams-test-'))
const totals = { passed: 0, failed: 0, skipped: 0 }

try {
  main(process.argv.slice(2))
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

function main(args) {
  if (args.length > 0) tests(args)
  else {
    // first, because the examples and the types of `dstreams` are checked against what is built
    stage('build', () => tool('tsc', '-p', 'tsconfig.build.json'))
    stage('lint and format', () => tool('biome', 'check', '.'))
    stage('types', () => tool('tsc', '--noEmit', '-p', 'tsconfig.json'))
    tests([])
    const packed = pack()
    stage('package', () => packed !== undefined && tool('publint', 'run', packed, '--strict'))
    // the package is ESM only: that `require` does not find types is meant
    stage('types of the package', () => packed !== undefined && tool('attw', packed, '--profile', 'esm-only'))
  }
  const { passed, failed, skipped } = totals
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
  process.exitCode = failed > 0 ? 1 : 0
}

/** A check that is one test: it passes if `check` is true. */
function stage(name, check) {
  heading(name)
  const isPassed = check()
  totals[isPassed ? 'passed' : 'failed']++
  console.log(isPassed ? `${name}: passed` : `${name}: FAILED`)
}

/** The tests of vitest. */
function tests(args) {
  heading('tests')
  const file = join(temporary, 'totals.json')
  const reporters = ['--reporter=default', '--reporter=./scripts/vitest-totals.mjs']
  const isPassed = tool('vitest', 'run', ...reporters, ...args, { DSTREAMS_TOTALS: file })
  const { passed, failed, skipped } = readTotals(file)
  totals.passed += passed
  // vitest can fail without a failed test: no test file found, an error in its own process
  totals.failed += isPassed ? failed : Math.max(1, failed)
  for (const { name, reason } of skipped) {
    console.log(`skipped: ${name}: ${reason ?? 'NO REASON GIVEN'}`)
    if (reason === undefined || isCI) totals.failed++
    else totals.skipped++
  }
}

function readTotals(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    console.log('vitest ended without totals')
    return { passed: 0, failed: 1, skipped: [] }
  }
}

/** The package as it would be published; `undefined` if it can't be packed. */
function pack() {
  heading('pack')
  const isPacked = spawn('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', temporary])
  const name = isPacked && readdirSync(temporary).find((file) => file.endsWith('.tgz'))
  return name ? join(temporary, name) : undefined
}

/** Runs a tool of node_modules; a last argument that is an object is added to its environment. Returns whether it succeeded. */
function tool(name, ...args) {
  const environment = typeof args.at(-1) === 'object' ? args.pop() : {}
  return spawn(join(root, 'node_modules', '.bin', name), args, environment)
}

function spawn(command, args, environment = {}) {
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' }
  const { status, error } = spawnSync(command, args, { ...options, env: { ...process.env, ...environment } })
  if (error) console.log(`${command}: ${error.message}`)
  return status === 0
}

function heading(name) {
  console.log(`\n=== ${name}`)
}
