import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dstreams } from './command.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-load-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function run(files: Record<string, string>, main: string, ...more: string[]) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  const args = ['run', main, '--engine', 'memory', '--until', 'drained', '--format', 'ndjson', ...more]
  return dstreams(args, { cwd: directory })
}

const jobOf = (rows: string, imports = ''): string => `${imports}
import { fromArray, job, stdout } from 'dstreams'
export default job('j', { interval: '1s' }, s => s.from(fromArray([${rows}], 'string')).to('out', stdout()))`
const line = (row: unknown): string => `${JSON.stringify({ step: 'out', interval: 0, row })}\n`

describe('a job file', () => {
  it('may be JavaScript', async () => {
    for (const name of ['job.js', 'job.mjs']) {
      const ended = await run({ [name]: jobOf("'plain'") }, name)
      expect(ended).toMatchObject({ status: 0, stdout: line('plain') })
    }
  })

  it('may import files of its own, with types, enums and JSON', async () => {
    const files = {
      'more/job.ts': jobOf(
        'greeting(Kind.Warm) + data.name',
        "import { greeting, Kind } from './greeting.ts'\nimport data from './data.json'",
      ),
      'more/greeting.ts':
        "export enum Kind { Warm }\nexport const greeting = (kind: Kind): string => (kind === Kind.Warm ? 'hello ' : 'hm ')",
      'more/data.json': '{"name":"ada"}',
    }
    expect(await run(files, 'more/job.ts')).toMatchObject({ status: 0, stdout: line('hello ada') })
  })

  it('may import packages, which resolve from where it is', async () => {
    const files = {
      'packages/job.ts': jobOf(
        'esm() + cjs.name + basename("a/b")',
        "import { esm } from 'an-esm'\nimport cjs from 'a-cjs'\nimport { basename } from 'path'",
      ),
      'packages/node_modules/an-esm/package.json': '{"type":"module","exports":"./index.js"}',
      'packages/node_modules/an-esm/index.js': "export const esm = () => 'esm '",
      'packages/node_modules/a-cjs/package.json': '{"main":"./main.js"}',
      'packages/node_modules/a-cjs/main.js': "module.exports = { name: 'cjs ' }",
    }
    expect(await run(files, 'packages/job.ts')).toMatchObject({ status: 0, stdout: line('esm cjs b') })
  })

  it('knows where it is', async () => {
    const files = { 'place/job.ts': jobOf('import.meta.dirname, import.meta.url') }
    const { stdout } = await run(files, 'place/job.ts')
    expect(stdout).toBe(line(join(directory, 'place')) + line(`file://${join(directory, 'place', 'job.ts')}`))
  })

  it('leaves nothing in the temporary directory', async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('dstreams-job-'))
    await run({ 'job.ts': jobOf("'x'") }, 'job.ts')
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('dstreams-job-'))
    expect(after.filter((name) => !before.includes(name))).toEqual([])
  })
})
