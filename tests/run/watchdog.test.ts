/** A function that never returns: the process is ended from outside of it, with the names that one needs. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const directory = mkdtempSync(join(tmpdir(), 'dstreams-watchdog-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** Runs a job file by the command line of the built package. */
function ended(
  text: string,
  engine: string,
): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  const file = join(directory, `job-${engine}.ts`)
  writeFileSync(file, text)
  const cli = join(import.meta.dirname, '../../dist/cli/main.js')
  const child = spawn(process.execPath, [cli, 'run', file, '--engine', engine, '--until', 'drained'])
  let stderr = ''
  child.stderr.on('data', (data) => {
    stderr += data
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stderr }))
  })
}

const JOB = (body: string) => `import { fromArray, job, stdout } from 'dstreams'
const same = new Map([[2, 2]])
export default job('hangs', { interval: '1s' }, (s) => {
  s.from(fromArray([1, 2, 3], 'integer', { cut: [1, 1, 1] }))
    ${body}
    .to('out', stdout())
})`

describe.each(['memory', 'duckdb'])('on %s', (engine) => {
  it.each([
    [
      'map',
      ".map((n) => { while (same.has(n)) {} return n }, { returns: 'integer', limit: '300ms' })",
      'select',
    ],
    [
      'transform',
      ".transform((rows) => { while (same.has(rows[0]!)) {} return rows }, { returns: 'integer', limit: '300ms' })",
      'apply',
    ],
  ])('%s', { timeout: 30_000 }, async (role, body, step) => {
    const { code, signal, stderr } = await ended(JOB(body), engine)
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
    expect(stderr).toContain(
      `error DS_FUNCTION: A function of step "${step}" (${role}) has not returned for 0.3 s, in interval 1.\n`,
    )
    expect(stderr).toContain('Mend it, or give it more time: { limit }.')
  })

  it('a slow function that returns is left alone', { timeout: 30_000 }, async () => {
    const body =
      ".map((n) => { for (let i = 0; i < 3e7; i++) if (same.has(-i)) return i; return n }, { returns: 'integer', limit: '20s' })"
    expect(await ended(JOB(body), engine)).toMatchObject({ code: 0 })
  })
})
