/**
 * The code of the documentation is type-checked and run, on both engines (blocks.ts says what is what). It uses the
 * package as it was built last; `npm test` builds first.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Block, readDocumentation } from './blocks.ts'
import { PARAMETERS, writeInput } from './input.ts'

const execute = promisify(execFile)
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { blocks } = readDocumentation(root)
const fileOf = (block: Block): string => `${block.place.replace(/[^\w]+/g, '-')}.ts`

let project: string
let errors: ReadonlyMap<string, readonly string[]>

/** A project with a file for each block, in which `dstreams` is this package, and strict types as users have them. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'dstreams-docs-'))
  await mkdir(join(project, 'node_modules/@types'), { recursive: true })
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await symlink(root, join(project, 'node_modules/dstreams'))
  for (const name of ['zod', 'valibot', '@types/node'])
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name))
  for (const block of blocks) await writeFile(join(project, fileOf(block)), block.text)
  errors = typeErrors(blocks.map(fileOf))
})

afterAll(() => rm(project, { recursive: true, force: true }))

function typeErrors(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const program = ts.createProgram(
    files.map((file) => join(project, file)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    },
  )
  const textOf = ({ file, start, messageText }: ts.Diagnostic): string => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  }
  return new Map(
    files.map((name) => {
      const file = program.getSourceFile(join(project, name))!
      return [
        name,
        [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(textOf),
      ]
    }),
  )
}

/** A directory with the inputs, for one run. */
async function freshDirectory(block: Block, engine: string): Promise<string> {
  const directory = join(project, 'runs', `${fileOf(block)}-${engine}`)
  await mkdir(directory, { recursive: true })
  await writeInput(directory)
  return directory
}

/** Runs a block's job file and returns what it printed on standard output, or how it failed. */
async function runJob(
  block: Block,
  engine: string,
): Promise<{ stdout: string; stderr: string; failed: boolean }> {
  const cwd = await freshDirectory(block, engine)
  const params = block.text.includes('params.input') ? ['--param', `input=${PARAMETERS.input}`] : []
  const cli = join(root, 'dist/cli/main.js')
  const file = join(project, fileOf(block))
  const args = [cli, 'run', file, ...params, '--until', 'drained', '--engine', engine]
  return execute(process.execPath, args, { cwd }).then(
    (result) => ({ ...result, failed: false }),
    (error: { stdout: string; stderr: string }) => ({
      stdout: error.stdout,
      stderr: error.stderr,
      failed: true,
    }),
  )
}

/** Output with one time in place of all. */
const timeless = (text: string): string =>
  text.replace(/\(\d\d:\d\d:\d\d to \d\d:\d\d:\d\d UTC\)/g, '(time)').trimEnd()

test('there is code to check', () => {
  expect(blocks.filter((block) => block.kind === 'job').length).toBeGreaterThan(5)
  expect(blocks.filter((block) => block.kind === 'statements').length).toBeGreaterThan(5)
})

describe.each(blocks)('$place', (block) => {
  test('has no type error', () => {
    const own = errors
      .get(fileOf(block))!
      .map((error) => error.replace(/^\d+/, (line) => String(Number(line) - block.added)))
    expect(own).toEqual([])
  })

  if (block.notRun !== undefined) return

  if (block.kind === 'program')
    test('runs', async () => {
      const { outputText } = ts.transpileModule(block.text, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      })
      const path = join(project, fileOf(block).replace(/ts$/, 'js'))
      await writeFile(path, outputText)
      const { stderr } = await execute(process.execPath, [path], {
        cwd: await freshDirectory(block, 'memory'),
      })
      expect(stderr).toBe('')
    })
  else
    test.each(['memory', 'duckdb'])('runs on %s', async (engine) => {
      const { stdout, stderr, failed } = await runJob(block, engine)
      expect(failed, stderr).toBe(false)
      if (block.output !== undefined) expect(timeless(stdout)).toBe(timeless(block.output))
      else if (block.text.includes('stdout(')) expect(stdout).not.toBe('')
    })
})
