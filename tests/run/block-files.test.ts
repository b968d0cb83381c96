import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BlockFiles } from '../../src/store/block-files.ts'
import { temporaryDirectory } from '../sources/context.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

describe('block files', () => {
  test('are numbered in the order in which they are made, and hold what was written', async () => {
    const directory = join(temporaryDirectory(), 'not', 'yet')
    const files = new BlockFiles(directory)
    const paths: string[] = []
    for (const [step, text] of [
      ['a', 'one'],
      ['b', 'two'],
      ['a', 'three'],
    ] as const) {
      const file = await files.create(step, '.txt')
      expect(await file.write(bytes(text), bytes('\n'))).toBe(text.length + 1)
      expect(await file.write(bytes('end'))).toBe(3)
      await file.close()
      paths.push(file.path)
    }
    expect(paths).toEqual(
      ['a/000000000.txt', 'b/000000001.txt', 'a/000000002.txt'].map((path) => join(directory, path)),
    )
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['one\nend', 'two\nend', 'three\nend'])
  })

  test.each(['../up', 'a/b', 'lines 2', '.', '..', 'ü'])(
    'of the step %j stay in the directory',
    async (step) => {
      const parent = temporaryDirectory()
      const files = new BlockFiles(join(parent, 'blocks'))
      const file = await files.create(step, '.txt')
      await file.close()
      expect(file.path.startsWith(`${join(parent, 'blocks')}/`)).toBe(true)
      expect(readdirSync(parent)).toEqual(['blocks'])
    },
  )

  test('can be removed once and again', async () => {
    const files = new BlockFiles(temporaryDirectory())
    const file = await files.create('a', '.txt')
    await file.close()
    await files.remove(file.path)
    await files.remove(file.path)
    expect(existsSync(file.path)).toBe(false)
  })

  test('of a run that was killed are never written again, and are no obstacle', async () => {
    const directory = temporaryDirectory()
    const before = await new BlockFiles(directory).create('a', '.txt')
    await before.write(bytes('before'))
    await before.close()
    const after = await new BlockFiles(directory).create('a', '.txt')
    await after.write(bytes('after'))
    await after.close()
    expect(after.path).not.toBe(before.path)
    expect(readFileSync(before.path, 'utf8')).toBe('before')
  })

  test('are all gone after clear, and nothing else is', async () => {
    const directory = join(temporaryDirectory(), 'blocks')
    mkdirSync(directory)
    writeFileSync(join(directory, 'of somebody else'), '')
    const files = new BlockFiles(directory)
    await (await files.create('a', '.txt')).close()
    await files.clear()
    expect(readdirSync(directory)).toEqual(['of somebody else'])
  })

  test('leave no directory behind', async () => {
    const parent = temporaryDirectory()
    const files = new BlockFiles(join(parent, 'blocks'))
    await (await files.create('a', '.txt')).close()
    await files.clear()
    expect(readdirSync(parent)).toEqual([])
    // nothing was made: nothing to clear
    await new BlockFiles(join(parent, 'never')).clear()
    expect(readdirSync(parent)).toEqual([])
  })

  test('that can not be made name the path and the cure', async () => {
    const parent = temporaryDirectory()
    writeFileSync(join(parent, 'file'), '')
    const files = new BlockFiles(join(parent, 'file', 'blocks'))
    await expect(files.create('a', '.txt')).rejects.toMatchObject({
      code: 'DS_STORAGE',
      what: expect.stringContaining(`${join(parent, 'file', 'blocks', 'a')} can't be written: ENOTDIR`),
      cure: 'Check the directory given with --dir.',
    })
  })
})
