import { execFile } from 'node:child_process'
import { copyFile, lstat, mkdir, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from './command.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dstreams-link-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** A package with the script in it; runs the script. */
async function link(root: string, isBuilt: boolean): Promise<string> {
  await mkdir(join(root, 'scripts'), { recursive: true })
  await copyFile(join(ROOT, 'scripts', 'link-bin.mjs'), join(root, 'scripts', 'link-bin.mjs'))
  if (isBuilt) {
    await mkdir(join(root, 'dist', 'cli'), { recursive: true })
    await writeFile(join(root, 'dist', 'cli', 'main.js'), '#!/usr/bin/env node\nconsole.log("it runs")\n')
  }
  for (const _ of ['once', 'again'])
    await promisify(execFile)(process.execPath, [join(root, 'scripts', 'link-bin.mjs')])
  return join(root, 'node_modules', '.bin', 'dstreams')
}

describe.skipIf(process.platform === 'win32')('scripts/link-bin.mjs', () => {
  it('links the command of a clone', async () => {
    const root = join(directory, 'clone')
    const bin = await link(root, true)
    expect(await readlink(bin)).toBe('../../dist/cli/main.js')
    expect((await stat(bin)).mode & 0o111).toBe(0o111)
    expect((await promisify(execFile)(bin)).stdout).toBe('it runs\n')
  })

  it('does nothing in a package that is a dependency, or that is not built', async () => {
    const dependency = await link(join(directory, 'app', 'node_modules', 'dstreams'), true)
    await expect(lstat(dependency)).rejects.toThrow('ENOENT')
    await expect(lstat(await link(join(directory, 'unbuilt'), false))).rejects.toThrow('ENOENT')
  })
})
