/** The commands of the documentation are run as they are written, or listed here with the reason why not. */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readDocumentation } from './blocks.ts'

const execute = promisify(execFile)
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { commands } = readDocumentation(root)

/** Commands that are not run here, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm install && npm start': 'never ends by itself; the job is run by tests/cli',
  'npm install && npm test': 'runs this test',
  "npm start -- --input 'path/*.log'": 'never ends by itself; run below with an input and an end',
  'npm start -- --input tcp://127.0.0.1:9999': 'never ends by itself; tests/sources/tcp.test.ts has clients',
  'tail -f app.log | npm start -- --input -': 'never ends by itself; run below with a file in its place',
}

const shell = (line: string) => execute('bash', ['-euo', 'pipefail', '-c', line], { cwd: root })

describe('commands', () => {
  const run = commands.filter(({ line }) => !(line in NOT_RUN))

  test('every exception is still in the documentation', () => {
    const lines = commands.map(({ line }) => line)
    expect(Object.keys(NOT_RUN).filter((line) => !lines.includes(line))).toEqual([])
  })

  test.each(run)('$place: $line', async ({ line }) => {
    // what `npm install` makes of `npx dstreams` in a clone, without asking the network if it is not there
    const { stdout } = await shell(line.replaceAll('npx dstreams', `node ${join(root, 'dist/cli/main.js')}`))
    expect(stdout).not.toBe('')
  })

  test('npm start takes files', async () => {
    const { stdout } = await shell(
      "npm start --silent -- --input 'examples/data/*.log' --until drained --format ndjson",
    )
    expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ step: 'top words', interval: 0 })
  })

  test('npm start takes standard input', async () => {
    const { stdout } = await shell(
      'cat examples/data/app.log | npm start --silent -- --input - --until drained --format ndjson',
    )
    expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ step: 'top words' })
  })
})
