/**
 * Where records begin and end in bytes: the one definition that counting, cutting and decoding share.
 *
 *   lines    a record ends at LF, and one CR before it (or at the end of the input) is not part of it; a line of
 *            no bytes is no record
 *   ndjson   the same, but a line of only spaces and tabs is no record either
 *   csv      the same as lines, but an LF inside a quoted cell is part of the record; a quote opens a quoted cell
 *            only where the cell begins
 *
 * A line of more than `MAX_RECORD_BYTES` is always a record: one that is rejected.
 */

/** The longest record that is read: 16 MiB. A longer one is a reject. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024

export type TextFormat = 'lines' | 'ndjson' | 'csv'

export const LF = 0x0a
const CR = 0x0d
const TAB = 0x09
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c

// where the scan stands inside a CSV record
const CELL_START = 0
const IN_PLAIN_CELL = 1
const IN_QUOTED_CELL = 2
/** After a quote in a quoted cell: it is the first half of an escaped one, or the cell is over. */
const AFTER_QUOTE = 3

/** Finds the ends of records in bytes that come in pieces. */
export class RecordScanner {
  readonly #csv: boolean
  readonly #spaceIsBlank: boolean
  #cell: number = CELL_START
  #bytes = 0
  #content = false
  #pendingCr = false
  #lastIsCr = false
  #ended = false

  constructor(format: TextFormat) {
    this.#csv = format === 'csv'
    this.#spaceIsBlank = format === 'ndjson'
  }

  /**
   * The index just after the LF that ends the line under way, looked for from `start`; -1 when the line goes on
   * past `chunk`. `blank` and `size` then describe the line, until the next call.
   */
  next(chunk: Uint8Array, start: number): number {
    if (this.#ended) this.#begin()
    const end = this.#csv ? this.#endOfCsv(chunk, start) : endOfLine(chunk, start)
    const stop = end === -1 ? chunk.length : end
    if (!this.#content) this.#lookForContent(chunk, start, stop)
    if (stop > start) this.#lastIsCr = chunk[stop - 1] === CR
    this.#bytes += stop - start
    if (end === -1) return -1
    this.#ended = true
    return end + 1
  }

  /** Bytes of the line so far, without its line end. */
  get size(): number {
    return this.#bytes - (this.#lastIsCr ? 1 : 0)
  }

  /** Whether the line so far is no record. */
  get blank(): boolean {
    return !this.#content && this.size <= MAX_RECORD_BYTES
  }

  /** Whether a line was begun and has not ended. */
  get unfinished(): boolean {
    return !this.#ended && this.#bytes > 0
  }

  #begin(): void {
    this.#cell = CELL_START
    this.#bytes = 0
    this.#content = false
    this.#pendingCr = false
    this.#lastIsCr = false
    this.#ended = false
  }

  #lookForContent(chunk: Uint8Array, start: number, stop: number): void {
    for (let index = start; index < stop; index++) {
      const byte = chunk[index]
      // a CR is the line's end only if nothing follows it
      if (this.#pendingCr) this.#content = true
      else if (byte === CR) this.#pendingCr = true
      else if (!this.#spaceIsBlank || (byte !== SPACE && byte !== TAB)) this.#content = true
      if (this.#content) return
    }
  }

  #endOfCsv(chunk: Uint8Array, start: number): number {
    let cell = this.#cell
    let index = start
    for (; index < chunk.length; index++) {
      const byte = chunk[index]
      if (cell === IN_QUOTED_CELL) {
        if (byte === QUOTE) cell = AFTER_QUOTE
      } else if (byte === LF) break
      else if (byte === COMMA) cell = CELL_START
      else if (byte === QUOTE && cell !== IN_PLAIN_CELL) cell = IN_QUOTED_CELL
      else cell = IN_PLAIN_CELL
    }
    this.#cell = cell
    return index < chunk.length ? index : -1
  }
}

// for lines of usual length faster than a call of indexOf per line
function endOfLine(chunk: Uint8Array, start: number): number {
  const near = Math.min(chunk.length, start + 256)
  for (let index = start; index < near; index++) if (chunk[index] === LF) return index
  return near === chunk.length ? -1 : chunk.indexOf(LF, near)
}

/** Whether bytes begin with UTF-8's byte order mark. */
export const beginsWithBom = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
