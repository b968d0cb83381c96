/**
 * Rows as a table for people: columns aligned, numbers to the right, wide values cut, at most so many rows.
 *
 *   word    n
 *   the   512
 *   of    207
 *   ... and 3 more
 *
 * What a value holds never reaches the terminal as a command: control characters, and those that are not seen or that
 * turn the direction of text, are written as escapes.
 */
import type { Type } from '../schema/type.ts'
import { columnsOf } from './columns.ts'

export interface TableLimits {
  /** Most rows that are shown. */
  readonly rows: number
  /** Most characters of a value. */
  readonly width: number
}

/** The lines of a table. `indent` is put before each. */
export function textTable(
  rows: readonly unknown[],
  type: Type | undefined,
  limits: TableLimits,
): readonly string[] {
  const shown = rows.slice(0, limits.rows)
  const columns = columnsOf(type, shown).map((column) => {
    const values = shown.map(column.of)
    const texts = values.map((value) => cut(textOf(value, column.type, limits.width), limits.width))
    const heading = cut(escapeText(column.name), limits.width)
    const isNumeric = values.some(isNumber) && values.every((value) => value == null || isNumber(value))
    const right = isNumeric && column.type?.kind !== 'timestamp'
    const width = Math.max(...[heading, ...texts].map(widthOf))
    return { cells: [heading, ...texts].map((text) => pad(text, width, right)) }
  })
  const lines = Array.from({ length: shown.length + 1 }, (_, line) =>
    columns
      .map(({ cells }) => cells[line]!)
      .join('  ')
      .trimEnd(),
  )
  const more = rows.length - shown.length
  return more > 0 ? [...lines, `... and ${more.toLocaleString('en-US')} more`] : lines
}

const isNumber = (value: unknown): boolean => typeof value === 'number'

/** A value as it is shown: text as it is, timestamps as dates, what is nested as JSON. */
function textOf(value: unknown, type: Type | undefined, width: number): string {
  if (value === null || value === undefined) return 'null'
  if (type?.kind === 'timestamp' && typeof value === 'number') return dateOf(value)
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  // a value may be megabytes long; what is far beyond the cut is never shown
  return escapeText(text.slice(0, 4 * width))
}

function dateOf(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString()
}

// everything but letters, marks, digits, punctuation, symbols and the plain space: controls, format characters,
// line separators, lone surrogates
const UNSEEN = /[^\P{C}]|[\u2028\u2029]/gu
const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Text with all that a terminal might act on written as escapes. */
export const escapeText = (text: string): string =>
  text.replace(UNSEEN, (character) => SHORT[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`)

// characters that take two cells of a terminal: East Asian scripts and pictures
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const ZERO = /\p{M}/u

const cellsOf = (character: string): number => (ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1)

/** How many cells of a terminal a text takes. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += cellsOf(character)
  return width
}

function cut(text: string, width: number): string {
  if (text.length <= width && widthOf(text) <= width) return text
  let kept = ''
  let cells = 0
  for (const character of text) {
    cells += cellsOf(character)
    if (cells > width - 3) return widthOf(text) <= width ? text : `${kept}...`
    kept += character
  }
  return text
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - widthOf(text))
  return right ? space + text : text + space
}
