/**
 * The blocks of a run, as SELECTs.
 *
 * A block is read by DuckDB itself where a scan is proven to read what the reference reads (scan.ts). A scan that meets
 * anything else raises an error; the block is then read by the reference in JavaScript, once, into a file of canonical
 * rows, its rejects kept beside, and the statement is executed again: nothing had been published.
 *
 *   block -> scan ------------------------> SELECT
 *     |       | error: which blocks?
 *     `-> reference -> canonical rows ----> SELECT (and rejects)
 */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Parameters } from '../../expression/print.ts'
import type { Blocks } from '../../plan/relation.ts'
import type { SourceStep } from '../../plan/step.ts'
import { decodeBlock, verifyInPlace } from '../../sources/decode.ts'
import { rejectError } from '../../sources/reject.ts'
import type { Block } from '../../sources/source.ts'
import type { SourceCounts } from '../engine.ts'
import { lineOf, readLines } from './canonical-rows.ts'
import { columnsOf, empty } from './columns-sql.ts'
import type { Connection } from './connection.ts'
import { type Held, type Rejected, rangeOf } from './held.ts'
import { Positions } from './positions.ts'
import { BLANK_LINE, drawDelimiter, FILE_COLUMN, hasOddBytes, holdsCr, isScannable, scan } from './scan.ts'

/** Intervals with more bytes than this are computed by a statement part each, thinner ones with an interval column. */
export const FAT_BYTES = 1_000_000

interface ScanMode {
  /** Whether rows get the interval of their file. */
  readonly isBulk: boolean
  readonly alone: boolean
  readonly noBlanks: boolean
}
const BY_ITSELF: ScanMode = { isBulk: false, alone: true, noBlanks: false }

export class BlockShelf {
  readonly #connection: Connection
  readonly #directory: string
  readonly #stepAt: (id: number) => SourceStep
  readonly #held = new Map<number, Map<number, Held[]>>()
  /** Sources in whose files blank lines were seen: their scans leave them out, and records are counted apart. */
  readonly #withBlanks = new Set<number>()
  /** Tables of a source's records with positions, by name of source and run. */
  readonly #positioned = new Map<string, string>()
  readonly #delimiter = drawDelimiter()
  #files = 0

  constructor(connection: Connection, directory: string, stepAt: (id: number) => SourceStep) {
    this.#connection = connection
    this.#directory = directory
    this.#stepAt = stepAt
  }

  load(source: number, interval: number, blocks: readonly Block[]): void {
    const intervals = this.#held.get(source) ?? new Map<number, Held[]>()
    this.#held.set(source, intervals)
    intervals.set(
      interval,
      blocks.map((block) => ({
        block,
        source,
        interval,
        reading: 'unknown',
        isSearched: false,
        proven: false,
        canonical: undefined,
        records: block.records,
        rejects: [],
      })),
    )
  }

  /** Whether the intervals of a run hold enough each to be worth a statement part of their own. */
  isFat({ source, from, to }: Blocks): boolean {
    const bytes = this.#of(source, from, to).reduce((sum, { block }) => sum + block.bytes, 0)
    return bytes / (to - from) > FAT_BYTES
  }

  /** Makes what `select` needs: decides how blocks are read, lets the reference read some, and materialises positions. */
  async prepare(relation: Blocks): Promise<void> {
    for (const held of this.#of(relation.source, relation.from, relation.to)) await this.#decide(held)
    if (relation.output === 'rejects')
      await this.#prove(this.#of(relation.source, relation.from, relation.to))
    if (relation.output === 'records' && relation.shape.positions > 0) {
      await this.search([relation])
      await this.#position(relation)
    }
  }

  /** A SELECT of the records or rejects, with the columns of the relation's shape; `alone` if the statement has no other. */
  select(relation: Blocks, parameters: Parameters, alone: boolean): string {
    const { source, from, to, output, shape } = relation
    if (output === 'rejects') return this.#selectRejects(relation, parameters)
    const positioned = this.#positioned.get(positionName(relation))
    if (positioned !== undefined)
      return `SELECT ${columnsOf(shape).join(', ')} FROM ${positioned} WHERE i >= ${from} AND i < ${to}`
    const held = this.#of(source, from, to)
    const isBulk = shape.interval === 'column'
    const parts = [
      ...this.#scans(held, isBulk, alone, parameters),
      ...this.#canonicals(held, isBulk, parameters),
      ...this.#sequences(held, isBulk),
    ]
    return parts.length === 0 ? empty(shape) : parts.join(' UNION ALL ')
  }

  /**
   * After a statement over blocks failed: finds the blocks that a scan can't read and leaves them to the reference.
   * Returns whether the statement is worth another try.
   */
  async recover(error: unknown, relations: readonly Blocks[]): Promise<boolean> {
    if (String(error).includes(BLANK_LINE)) {
      for (const { source } of relations) this.#withBlanks.add(source)
      return true
    }
    const scanned = relations
      .flatMap(({ source, from, to }) => this.#of(source, from, to))
      .filter((held) => held.reading === 'scan' && !held.proven)
    if (scanned.length === 0) return false
    await this.#prove(scanned)
    return scanned.some((held) => held.reading !== 'scan')
  }

  /** After a statement over blocks went well: files read in place must still be what they were. */
  async confirm(relations: readonly Blocks[]): Promise<void> {
    for (const held of relations.flatMap(({ source, from, to }) => this.#of(source, from, to)))
      if (held.block.inPlace && held.reading === 'scan') await verifyInPlace(held.block)
  }

  /** Whether the number of rows that a scan of this relation reads is its number of records, still to be learnt. */
  isCountable({ source, from, to }: Blocks): boolean {
    const held = this.#of(source, from, to)
    return (
      held.length > 0 &&
      held.every(
        ({ reading, records, interval }) =>
          reading === 'scan' && records === undefined && interval === held[0]!.interval,
      ) &&
      !this.#countsApart(held[0]!)
    )
  }

  /** Notes how many rows the scan of an interval's blocks read. */
  counted({ source, from, to }: Blocks, rows: number): void {
    const [first, ...rest] = this.#of(source, from, to)
    if (!first) return
    first.records = rows
    for (const held of rest) held.records = 0
  }

  /** Forgets the blocks of intervals before `before` and says what was in them. */
  async unload(before: number): Promise<readonly SourceCounts[]> {
    const counts: SourceCounts[] = []
    for (const [source, intervals] of this.#held)
      for (const [interval, held] of intervals) {
        if (interval >= before) continue
        for (const one of held) await this.#decide(one)
        await this.#countRest(held.filter((one) => one.records === undefined))
        const records = held.reduce((sum, one) => sum + one.records!, 0)
        const rejects = held.reduce((sum, one) => sum + one.rejects.length, 0)
        const slowBlocks = held.filter((one) => one.reading === 'reference').length
        counts.push({ source, interval, records, rejects, slowBlocks })
        for (const { canonical } of held)
          if (canonical !== undefined) await this.#connection.removeFile(canonical)
        intervals.delete(interval)
      }
    for (const [name, table] of this.#positioned) {
      await this.#connection.run(`DROP TABLE ${table}`)
      this.#positioned.delete(name)
    }
    return counts
  }

  // ---- deciding ------------------------------------------------------------------------------------------------

  #of(source: number, from: number, to: number): readonly Held[] {
    const intervals = this.#held.get(source)
    const held: Held[] = []
    for (let interval = from; interval < to; interval++) held.push(...(intervals?.get(interval) ?? []))
    return held
  }

  async #decide(held: Held): Promise<void> {
    if (held.reading !== 'unknown') return
    const { block } = held
    const { source } = this.#stepAt(held.source)
    const byReference = (): boolean | undefined =>
      block.odd ||
      isPattern(block) ||
      source.validate !== undefined ||
      !isScannable(block.format, source.type) ||
      // its bytes can't be searched without unpacking them, which the reference does anyway
      (block.format === 'ndjson' && block.compression === 'gzip')
    if (block.format === 'sequence') held.reading = 'sequence'
    else if (byReference()) await this.#byReference(held)
    else held.reading = 'scan'
  }

  /**
   * Searches the bytes of blocks for what a scan would read wrongly without an error, and leaves those to the reference.
   * May be done while a statement over them is executing; returns whether its result is no good.
   */
  async search(relations: readonly Blocks[]): Promise<boolean> {
    let isFound = false
    for (const { source, from, to } of relations)
      for (const held of this.#of(source, from, to)) if (!(await this.#isFit(held))) isFound = true
    return isFound
  }

  /** Whether a block may be scanned; one that may not is read by the reference when that is found out. */
  async #isFit(held: Held): Promise<boolean> {
    if (held.reading !== 'scan' || held.isSearched) return true
    held.isSearched = true
    if (!(await isOdd(held.block).catch(cantSay))) return true
    await this.#byReference(held)
    return false
  }

  /** Tries the scan of each block by itself; those that fail are read by the reference. */
  async #prove(blocks: readonly Held[]): Promise<void> {
    for (const held of blocks) {
      if (held.reading !== 'scan' || held.proven || !(await this.#isFit(held))) continue
      const statement = this.#connection.statement()
      const select = this.#scan([held], BY_ITSELF, statement.parameters)
      try {
        const [[count]] = (await statement.rows(`SELECT count(c0) FROM (${select})`)) as [[bigint]]
        held.proven = true
        // a nullable first field makes count(c0) miss records; lines have none
        if (held.block.format === 'lines') held.records ??= Number(count)
      } catch {
        await this.#byReference(held)
      }
    }
  }

  /** Lets the reference read a block, into a file of canonical rows. */
  async #byReference(held: Held): Promise<void> {
    const { block, source } = held
    const step = this.#stepAt(source)
    const rejects: Rejected[] = []
    const path = join(this.#directory, `rows-${this.#files++}.ndjson`)
    let records = 0
    const lines = async function* (): AsyncGenerator<string> {
      for await (const chunk of decodeBlock(block, step.source.type, step.source.validate)) {
        for (const { ordinal, reason, text } of chunk.rejects) {
          if (step.source.onReject === 'fail') throw rejectError(step, block, ordinal, reason, text)
          rejects.push({ ordinal, reason, text })
        }
        records += chunk.records.length
        yield chunk.records
          .map(({ ordinal, value }) => lineOf(value, step.source.type, { o: ordinal }))
          .join('')
      }
    }
    await this.#connection.write(path, () => pipeline(lines, createWriteStream(path)))
    Object.assign(held, {
      reading: 'reference',
      proven: true,
      canonical: path,
      records: records + rejects.length,
      rejects,
    })
  }

  // ---- SELECTs -------------------------------------------------------------------------------------------------

  #scans(held: readonly Held[], isBulk: boolean, alone: boolean, parameters: Parameters): readonly string[] {
    const scanned = held.filter((one) => one.reading === 'scan')
    const plain = scanned.filter((one) => one.block.compression === undefined)
    const zipped = scanned.filter((one) => one.block.compression === 'gzip')
    return [plain, zipped]
      .filter((part) => part.length > 0)
      .map((part) => this.#scan(part, { isBulk, alone, noBlanks: !this.#countsApart(part[0]!) }, parameters))
  }

  /** Whether the records of a block's source have to be counted by a statement of their own. */
  #countsApart({ source }: Held): boolean {
    return this.#withBlanks.has(source)
  }

  #scan(held: readonly Held[], { isBulk, alone, noBlanks }: ScanMode, parameters: Parameters): string {
    const { block, source } = held[0]!
    const { type } = this.#stepAt(source).source
    // blocks that were counted when they were made may hold blank lines
    const counted = held.some((one) => one.block.records !== undefined)
    const select = scan(block.format as 'lines' | 'ndjson', type, {
      files: parameters.add(held.map((one) => one.block.path!)),
      delimiter: block.format === 'lines' ? parameters.add(this.#delimiter) : "''",
      filename: isBulk,
      noBlanks: noBlanks && !counted,
      gzip: block.compression === 'gzip',
      alone,
    })
    if (!isBulk) return select
    const files = parameters.add(held.map((one) => one.block.path!))
    const intervals = parameters.add(held.map((one) => BigInt(one.interval)))
    const map = `SELECT unnest(${files}::VARCHAR[]) AS file, unnest(${intervals}::BIGINT[]) AS i`
    const columns = columnsOf({ rows: 'records', type, interval: 'column', positions: 0 })
    return `SELECT ${columns.join(', ')} FROM (${select}) AS records JOIN (${map}) AS files ON records.${FILE_COLUMN} = files.file`
  }

  #canonicals(held: readonly Held[], isBulk: boolean, parameters: Parameters): readonly string[] {
    return held.flatMap((one) => {
      if (one.canonical === undefined) return []
      const { type } = this.#stepAt(one.source).source
      const columns = columnsOf({ rows: 'records', type, interval: 'none', positions: 0 }).join(', ')
      return [
        `SELECT ${columns}${isBulk ? `, ${one.interval}::BIGINT AS i` : ''} FROM ${readLines(parameters.add(one.canonical), type, { o: 'BIGINT' })}`,
      ]
    })
  }

  #sequences(held: readonly Held[], isBulk: boolean): readonly string[] {
    return held
      .filter((one) => one.reading === 'sequence')
      .map(({ block, interval }) => {
        return `SELECT c0${isBulk ? `, ${interval}::BIGINT AS i` : ''} FROM ${rangeOf(block)}`
      })
  }

  #selectRejects({ source, from, to, shape }: Blocks, parameters: Parameters): string {
    const step = this.#stepAt(source)
    const interval = shape.interval === 'column' ? (one: Held) => `, ${one.interval}::BIGINT AS i` : () => ''
    const parts = this.#of(source, from, to)
      .filter((one) => one.rejects.length > 0)
      .map((one) => {
        const name = parameters.add(step.name)
        const partition = parameters.add(one.block.partition)
        const ordinals = parameters.add(one.rejects.map((reject) => BigInt(reject.ordinal)))
        const reasons = parameters.add(one.rejects.map((reject) => reject.reason))
        const texts = parameters.add(one.rejects.map((reject) => reject.text))
        const rows = `SELECT unnest(${ordinals}::BIGINT[]) AS ordinal, unnest(${reasons}::VARCHAR[]) AS reason, unnest(${texts}::VARCHAR[]) AS text`
        const position = shape.positions > 0 ? `, ${partition}::VARCHAR AS p0, ordinal AS p1` : ''
        return `SELECT ${name}::VARCHAR AS c0, ${partition}::VARCHAR AS c1, ordinal AS c2, reason AS c3, text AS c4${interval(one)}${position} FROM (${rows})`
      })
    return parts.length === 0 ? empty(shape) : parts.join(' UNION ALL ')
  }

  /** Puts the records of a run into a table with positions. */
  async #position(relation: Blocks): Promise<void> {
    const name = positionName(relation)
    if (this.#positioned.has(name)) return
    const held = this.#of(relation.source, relation.from, relation.to)
    const { type } = this.#stepAt(relation.source).source
    const positions = new Positions(this.#connection, this.#delimiter, type)
    this.#positioned.set(name, await positions.make(held))
  }

  // ---- counting ------------------------------------------------------------------------------------------------

  /** Counts the records of blocks that nobody counted on the way. */
  async #countRest(held: readonly Held[]): Promise<void> {
    await this.#prove(held)
    for (const one of held) {
      if (one.records !== undefined) continue
      const statement = this.#connection.statement()
      const select = this.#scan([one], BY_ITSELF, statement.parameters)
      const [[count]] = (await statement.rows(`SELECT count(*) FROM (${select})`)) as [[bigint]]
      one.records = Number(count)
    }
  }
}

/** Whether a scan might read a file other than the reference without an error. */
async function isOdd({ format, path, compression }: Block): Promise<boolean> {
  if (format === 'lines') return holdsCr(path!, compression === 'gzip')
  return hasOddBytes(path!)
}

/** A file that can't be opened is left to the reference, whose error says more. */
const cantSay = (): boolean => true

/** Whether DuckDB would take the path for a pattern, which may match other files too. */
const isPattern = ({ path }: Block): boolean => path !== undefined && /[*?[\]\\{}]/.test(path)

const positionName = ({ source, from, to }: Blocks): string => `${source} ${from} ${to}`
