/**
 * A regular expression of JavaScript as one that means the same to engines which match in linear time (RE2).
 *
 * Both try alternatives from the left and prefer the first match, so the constructs of the subset mean the same once
 * their characters do: every character and class is written out as code points, with the white space, line ends and
 * cases that JavaScript means. What such engines can't do (looking around, referring back) or do otherwise (repeating
 * something empty) is refused.
 */
import {
  type CodePoints,
  classText,
  complementOf,
  DIGITS,
  inBothCases,
  LINE_ENDS,
  SPACE,
  unionOf,
  WORD,
} from './code-points.ts'

/** A pattern in the syntax of RE2, without flags: it matches anywhere in a text. */
export interface Pattern {
  readonly text: string
  /** Whether it can match the empty text. */
  readonly maybeEmpty: boolean
  /** Whether it takes characters above U+FFFF, which it would take in two halves. */
  readonly countsUnits: boolean
  /** Whether a match depends on what stands before it. */
  readonly looksBack: boolean
  /** For each capturing group, whether its text is that of the last round of a repetition around it. */
  readonly groups: readonly { readonly repeated: boolean }[]
}

/** Why a pattern is not compiled. */
export class Unmatched extends Error {}
const no = (why: string): never => {
  throw new Unmatched(why)
}

/** A part of a pattern. */
interface Part {
  readonly text: string
  readonly maybeEmpty: boolean
  /** How many characters it is written with when all repetitions are written out. */
  readonly size: number
  /** Whether it has a `^` or a `$` somewhere. */
  readonly begins: boolean
  readonly ends: boolean
}

const SIZE_MAX = 500

/** Translates a pattern. Throws `Unmatched` where that is not possible. */
export function translate(source: string, flags: string): Pattern {
  for (const flag of flags) if (!'dgimsu'.includes(flag)) no(`the flag \`${flag}\` is not compiled`)
  return new Translation(source, flags).whole()
}

class Translation {
  readonly #characters: readonly string[]
  readonly #unicode: boolean
  readonly #ignoreCase: boolean
  readonly #dotAll: boolean
  readonly #multiline: boolean
  readonly #groups: { repeated: boolean }[] = []
  #at = 0
  #countsUnits = false
  #looksBack = false

  constructor(source: string, flags: string) {
    this.#characters = [...source]
    this.#unicode = flags.includes('u')
    this.#ignoreCase = flags.includes('i')
    this.#dotAll = flags.includes('s')
    this.#multiline = flags.includes('m')
    if (this.#unicode && this.#ignoreCase) no('the flags `u` and `i` together fold letters by Unicode')
  }

  whole(): Pattern {
    const { text, maybeEmpty, size } = this.#alternatives()
    if (size > SIZE_MAX) no('it is too large when its repetitions are written out')
    return {
      text,
      maybeEmpty,
      countsUnits: this.#countsUnits,
      looksBack: this.#looksBack,
      groups: this.#groups,
    }
  }

  get #next(): string | undefined {
    return this.#characters[this.#at]
  }
  #take(): string {
    return this.#characters[this.#at++] ?? no('it ends too early')
  }
  #skip(text: string): boolean {
    if (
      !this.#characters
        .slice(this.#at, this.#at + text.length)
        .join('')
        .startsWith(text)
    )
      return false
    this.#at += text.length
    return true
  }

  #alternatives(): Part {
    const arms = [this.#sequence()]
    while (this.#skip('|')) arms.push(this.#sequence())
    return {
      text: arms.map(({ text }) => text).join('|'),
      maybeEmpty: arms.some(({ maybeEmpty }) => maybeEmpty),
      ...sumOf(arms),
    }
  }

  #sequence(): Part {
    const parts: Part[] = []
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') parts.push(this.#term())
    // DuckDB makes prefix and suffix tests of simple patterns, and takes an anchor for one wherever it stands.
    const isAstray = parts.some(({ begins, ends }, i) => (begins && i > 0) || (ends && i < parts.length - 1))
    if (isAstray) no('a `^` behind something, or a `$` before something, is not compiled')
    return {
      text: parts.map(({ text }) => text).join(''),
      maybeEmpty: parts.every(({ maybeEmpty }) => maybeEmpty),
      ...sumOf(parts),
    }
  }

  #term(): Part {
    if (this.#skip('^')) return this.#anchor('\\A')
    if (this.#skip('$')) return this.#anchor('\\z')
    if (this.#skip('\\b')) {
      this.#looksBack = true
      return { text: '\\b', maybeEmpty: true, ...CHARACTER }
    }
    const groupsBefore = this.#groups.length
    const isGroup = this.#next === '('
    const atom = isGroup ? this.#group() : this.#set(this.#characterOrClass())
    const [min, max] = this.#quantifier() ?? []
    if (min === undefined || max === undefined) return atom
    if (atom.maybeEmpty) no('something that can be empty is repeated')
    if (max === 0) no('something is repeated zero times')
    if (atom.begins || atom.ends) no('a `^` or `$` is repeated')
    // The text of a group that is repeated itself is that of its last round in both; of one inside, it may not be.
    const inner = isGroup && !atom.text.startsWith('(?:') ? groupsBefore + 1 : groupsBefore
    for (const group of this.#groups.slice(inner)) group.repeated = true
    const lazy = this.#skip('?') ? '?' : ''
    const times = max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`
    const mark = SHORT.get(times) ?? times
    const rounds = Number.isFinite(max) ? max : min + 1
    return { ...atom, text: atom.text + mark + lazy, maybeEmpty: min === 0, size: atom.size * rounds }
  }

  #anchor(text: '\\A' | '\\z'): Part {
    if (this.#multiline) no('`^` and `$` with the flag `m` know line ends that SQL does not')
    const begins = text === '\\A'
    this.#looksBack ||= begins
    return { text, maybeEmpty: true, size: 1, begins, ends: !begins }
  }

  #group(): Part {
    this.#take()
    const capturing = this.#opensCapture()
    if (capturing) this.#groups.push({ repeated: false })
    const inner = this.#alternatives()
    if (!this.#skip(')')) no('it ends too early')
    return { ...inner, text: `${capturing ? '(' : '(?:'}${inner.text})`, size: inner.size + 1 }
  }

  #opensCapture(): boolean {
    if (!this.#skip('?')) return true
    if (this.#skip(':')) return false
    const isName = this.#skip('<') && this.#next !== '=' && this.#next !== '!'
    if (!isName) no('it looks around, or changes flags inside')
    while (this.#take() !== '>');
    return true
  }

  #quantifier(): readonly [min: number, max: number] | undefined {
    if (this.#skip('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#skip('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#skip('?')) return [0, 1]
    const rest = this.#characters.slice(this.#at).join('')
    const braces = /^\{(\d+)(,(\d*))?\}/.exec(rest)
    if (!braces) return this.#next === '{' ? no('a `{` that repeats nothing is not compiled') : undefined
    this.#at += braces[0].length
    const min = Number(braces[1])
    return [min, braces[2] === undefined ? min : braces[3] ? Number(braces[3]) : Number.POSITIVE_INFINITY]
  }

  #set(set: CodePoints): Part {
    const cased = this.#ignoreCase ? inBothCases(set) : set
    if (cased.length === 0) no('a class without characters is not compiled')
    if (!this.#unicode && cased.at(-1)![1] > 0xffff) this.#countsUnits = true
    return { text: classText(cased), maybeEmpty: false, ...CHARACTER, size: 1 + Math.floor(cased.length / 4) }
  }

  #characterOrClass(): CodePoints {
    if (this.#skip('.')) return this.#dotAll ? complementOf([]) : complementOf(LINE_ENDS)
    if (this.#skip('[')) return this.#class()
    if (this.#next !== undefined && '{}]*+?'.includes(this.#next)) no(`\`${this.#next}\` stands alone`)
    return this.#escapeOrSelf(false)
  }

  #class(): CodePoints {
    const negated = this.#skip('^')
    const ranges: CodePoints[number][] = []
    while (!this.#skip(']')) {
      const from = this.#escapeOrSelf(true)
      const isRange = this.#next === '-' && this.#characters[this.#at + 1] !== ']'
      if (isRange) {
        this.#take()
        ranges.push([single(from), single(this.#escapeOrSelf(true))])
      } else ranges.push(...from)
    }
    const set = unionOf(ranges)
    // Of a negated class, what is in it has both cases first.
    return negated ? complementOf(this.#ignoreCase ? inBothCases(set) : set) : set
  }

  /** A character, or what a `\` makes of it. */
  #escapeOrSelf(inClass: boolean): CodePoints {
    if (this.#skip('\\')) return this.#escape(inClass)
    return this.#literal(this.#take().codePointAt(0)!)
  }

  #literal(code: number): CodePoints {
    if (code >= 0xd800 && code <= 0xdfff) no('half of a surrogate pair is no character')
    if (code > 0xffff && !this.#unicode) no('a character above U+FFFF is two without the flag `u`')
    if (code >= 128 && this.#ignoreCase) no(NO_CASES)
    return [[code, code]]
  }

  #escape(inClass: boolean): CodePoints {
    const letter = this.#take()
    const shorthand = SHORTHANDS[letter]
    if (shorthand) return shorthand
    if (inClass && letter === 'b') return this.#literal(8)
    if (Object.hasOwn(CONTROLS, letter)) return this.#literal(CONTROLS[letter]!)
    const rest = this.#characters.slice(this.#at).join('')
    if (letter === '0' && !/^[0-9]/.test(rest)) return this.#literal(0)
    const form = letter === 'x' ? /^([0-9A-Fa-f]{2})/ : this.#unicode ? UNICODE_BRACES : /^([0-9A-Fa-f]{4})/
    const digits = letter === 'x' || letter === 'u' ? form.exec(rest) : null
    if (digits) {
      this.#at += digits[0].length
      return this.#literal(Number.parseInt((digits[1] ?? digits[2])!, 16))
    }
    if (letter === 'c' && /^[A-Za-z]/.test(rest)) return this.#literal(this.#take().charCodeAt(0) % 32)
    if (/[0-9A-Za-z]/.test(letter)) no(`\`\\${letter}\` is not compiled`)
    return this.#literal(letter.codePointAt(0)!)
  }
}

/** What all parts that are no anchor have in common. */
const CHARACTER = { size: 1, begins: false, ends: false } as const

const sumOf = (parts: readonly Part[]) => ({
  size: parts.reduce((sum, { size }) => sum + size, 0),
  begins: parts.some(({ begins }) => begins),
  ends: parts.some(({ ends }) => ends),
})

const NO_CASES = 'letters outside ASCII with the flag `i` are not compiled'
const UNICODE_BRACES = /^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{4}))/

/** The one character of a bound of a range. */
function single(set: CodePoints): number {
  const [range] = set
  return set.length === 1 && range && range[0] === range[1] ? range[0] : no('a range between classes')
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['{0,}', '*'],
  ['{1,}', '+'],
  ['{0,1}', '?'],
])
const SHORTHANDS: Readonly<Record<string, CodePoints>> = {
  d: DIGITS,
  D: complementOf(DIGITS),
  w: WORD,
  W: complementOf(WORD),
  s: SPACE,
  S: complementOf(SPACE),
}
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

/**
 * What is put in place of a match, with `\1` for the text of a group, `\0` for that of the match, and `\\` for a
 * backslash. Throws `Unmatched` where it names what is not known in SQL.
 */
export function translateReplacement(text: string, { groups }: Pattern): string {
  const group = (number: number): string => {
    if (number > 9) no('a group above 9 is put into the replacement')
    if (groups[number - 1]?.repeated) no('a group inside a repetition is put into the replacement')
    return `\\${number}`
  }
  return text.replace(/\\|\$([$&`']|\d\d?)?/g, (written, name?: string) => {
    if (written === '\\') return '\\\\'
    if (name === undefined) return written
    if (name === '$') return '$'
    if (name === '&') return '\\0'
    if (name === '`' || name === "'") no(`\`$${name}\` is put into the replacement`)
    const [both, first] = [Number(name), Number(name[0])]
    if (both >= 1 && both <= groups.length) return group(both)
    if (name.length === 2 && first >= 1 && first <= groups.length) return group(first) + name[1]
    return written
  })
}
