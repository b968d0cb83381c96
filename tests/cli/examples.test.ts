/** Every example prints what its comment says, on both engines. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dstreams, ROOT } from './command.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-examples-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** The block of an example's comment after "Prints". */
async function expected(name: string): Promise<string> {
  const text = await readFile(join(ROOT, 'examples', `${name}.ts`), 'utf8')
  const block = /Prints.*:\n \*\n((?: \* {3}.*\n)+)/.exec(text)![1]!
  return block.replaceAll(/^ \* {3}/gm, '')
}

/** Times differ from run to run, and long values are cut in comments. */
const withoutTimes = (text: string): string =>
  text.replaceAll(/\(\d\d:\d\d:\d\d to .*? UTC\)/g, '(times)').replaceAll(/^(.{90}).*$/gm, '$1')

for (const engine of ['memory', 'duckdb'])
  describe(`examples on ${engine}`, () => {
    const run = (name: string, ...more: string[]) =>
      dstreams(['run', `examples/${name}.ts`, '--engine', engine, '--until', 'drained', ...more])

    it.each(['grep', 'totals', 'deliver'])('%s', async (name) => {
      const ended = await run(name)
      expect(ended.status).toBe(0)
      const steps = (text: string): string[] =>
        withoutTimes(text)
          .split(/^(?=\S)/m)
          .sort()
      expect(steps(ended.stdout)).toEqual(steps(await expected(name)))
    })

    it('count', async () => {
      const { stdout } = await run('count')
      expect(withoutTimes(stdout).split(/^(?=\S)/m)[0]).toBe(withoutTimes(await expected('count')))
      expect(stdout.match(/^ {3}1000$/gm)).toHaveLength(5)
    })

    it('changes', async () => {
      const output = join(directory, engine)
      expect(await run('changes', '--output', output)).toMatchObject({ status: 0, stdout: '' })
      expect((await readFile(join(output, '000000000.ndjson'), 'utf8')).split('\n').sort()).toEqual([
        '',
        '{"op":"upsert","user":"ada","visits":2}',
        '{"op":"upsert","user":"bob","visits":1}',
      ])
      expect(await readFile(join(output, '000000001.ndjson'), 'utf8')).toBe(
        '{"op":"upsert","user":"ada","visits":3}\n',
      )
      await expect(readFile(join(output, '000000002.ndjson'))).rejects.toThrow('ENOENT')
    })

    it('wordcount', async () => {
      const { stdout, status } = await run('wordcount', '--input', 'LICENSE', '--format', 'ndjson')
      expect(status).toBe(0)
      const rows = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(rows).toHaveLength(10)
      expect(rows[0]).toMatchObject({ step: 'top words', interval: 0, row: { word: 'the' } })
    })
  })
