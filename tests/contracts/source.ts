/**
 * What every source keeps, whatever it reads: the invariants at the top of src/sources/source.ts, as one suite.
 *
 * A source's own test makes a case: the source, how its input arrives bit by bit, and the values each partition has
 * in the end. A gap is written down with its reason.
 */
import { readFileSync, statSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { decodeWhole } from '../../src/sources/decode.ts'
import type { Block, Cut, OpenSource, PerInterval, Source } from '../../src/sources/source.ts'
import { interval, type TestContext } from '../sources/context.ts'

export interface SourceCase {
  readonly source: Source
  readonly context: TestContext
  /** Makes the next bit of the input arrive; false when all has. */
  arrive(): Promise<boolean>
  /** By partition: the values in the order of their positions; `undefined` for a reject. */
  readonly expected: Readonly<Record<string, readonly unknown[]>>
}

export interface SourceContract {
  make(perInterval?: PerInterval): Promise<SourceCase>
  readonly skip?: readonly { readonly test: string; readonly reason: string }[]
}

const CUTS_MAX = 500

export function sourceContract(name: string, { make, skip = [] }: SourceContract): void {
  const contractTest = (title: string, run: () => Promise<void>): void => {
    const gap = skip.find((one) => one.test === title)
    // a gap is written down with its reason where the contract is used; it is no test
    if (!gap) test(title, run)
  }

  describe(`${name} keeps the contract of sources`, () => {
    contractTest('every record is given out once, at contiguous ordinals, in order', async () => {
      const made = await make()
      const cuts = await cutAll(made)
      expect(await valuesOf(cuts, made.source)).toEqual(made.expected)
    })

    contractTest('a block file is never written again', async () => {
      const made = await make()
      const seen = new Map<string, string>()
      await cutAll(made, (cut) => {
        for (const { path, bytes } of cut.blocks.filter(
          (block) => block.path !== undefined && !block.inPlace,
        )) {
          expect(seen.has(path!)).toBe(false)
          expect(statSync(path!).size).toBe(bytes)
          seen.set(path!, readFileSync(path!, 'latin1'))
        }
      })
      for (const [path, content] of seen) expect(readFileSync(path, 'latin1')).toBe(content)
    })

    contractTest('the number of records of a block is what is decoded from it', async () => {
      const made = await make()
      for (const { blocks } of await cutAll(made)) {
        for (const block of blocks) {
          const { records, rejects } = await decodeWhole(block, made.source.type)
          expect(block.records ?? records.length + rejects.length).toBe(records.length + rejects.length)
          expect(records.length + rejects.length).toBeGreaterThan(0)
          expect(block.format).toBe(made.source.format)
        }
      }
    })

    contractTest('decoding a block again gives the same', async () => {
      const made = await make()
      for (const { blocks } of await cutAll(made)) {
        for (const block of blocks) {
          expect(await decodeWhole(block, made.source.type)).toEqual(
            await decodeWhole(block, made.source.type),
          )
        }
      }
    })

    contractTest('a limit of records holds in every interval, and nothing is lost by it', async () => {
      const made = await make({ records: 2 })
      const cuts = await cutAll(made, (cut) => {
        expect(cut.blocks.reduce((sum, block) => sum + block.records!, 0)).toBeLessThanOrEqual(2)
      })
      expect(await valuesOf(cuts, made.source)).toEqual(made.expected)
    })

    contractTest('after the end there is nothing, again and again', async () => {
      const made = await make()
      const { open } = await cutThrough(made)
      for (let index = CUTS_MAX; index < CUTS_MAX + 3; index++) {
        expect(await open.cut(interval(index), true)).toEqual({ blocks: [], more: false, ended: true })
      }
    })

    contractTest('options are checked', async () => {
      await expect(make({ records: 0 })).rejects.toMatchObject({ code: 'DS_JOB' })
      await expect(make({ records: Number.NaN })).rejects.toMatchObject({ code: 'DS_JOB' })
      await expect(make({ record: 1 } as PerInterval)).rejects.toMatchObject({ code: 'DS_JOB' })
    })
  })
}

async function cutAll(made: SourceCase, each: (cut: Cut) => void = () => {}): Promise<Cut[]> {
  return (await cutThrough(made, each)).cuts
}

/** Cuts while input arrives, then until the source has ended. */
async function cutThrough(made: SourceCase, each: (cut: Cut) => void = () => {}) {
  const open: OpenSource = await made.source.open(made.context)
  const cuts: Cut[] = []
  let arriving = true
  while (cuts.length < CUTS_MAX) {
    if (arriving) arriving = await made.arrive()
    const cut = await open.cut(interval(cuts.length), !arriving)
    open.done(cuts.length)
    cuts.push(cut)
    each(cut)
    if (!arriving && !cut.more && (cut.ended || !made.source.canEnd)) break
  }
  onTestFinished(() => open.close())
  expect(made.context.failures).toEqual([])
  return { open, cuts }
}

async function valuesOf(cuts: readonly Cut[], source: Source): Promise<Record<string, unknown[]>> {
  const partitions: Record<string, unknown[]> = {}
  for (const block of cuts.flatMap((cut): readonly Block[] => cut.blocks)) {
    partitions[block.partition] ??= []
    const values = partitions[block.partition]!
    expect(block.from).toBe(values.length)
    const { records, rejects } = await decodeWhole(block, source.type)
    const found: unknown[] = new Array(records.length + rejects.length).fill(undefined)
    for (const { ordinal, value } of records) found[ordinal - block.from] = value
    const ordinals = [...records, ...rejects].map(({ ordinal }) => ordinal).sort((a, b) => a - b)
    expect(ordinals).toEqual(found.map((_, index) => block.from + index))
    values.push(...found)
  }
  return partitions
}
