/** Sets of characters as sorted, disjoint ranges of code points: the classes of a regular expression. */
export type CodePoints = readonly (readonly [first: number, last: number])[]

export const LAST = 0x10ffff

/** All the characters of the ranges, however they lie. */
export function unionOf(ranges: CodePoints): CodePoints {
  const union: [number, number][] = []
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = union.at(-1)
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else union.push([first, last])
  }
  return union
}

/** All other characters. */
export function complementOf(set: CodePoints): CodePoints {
  const others: [number, number][] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) others.push([next, first - 1])
    next = last + 1
  }
  if (next <= LAST) others.push([next, LAST])
  return others
}

/** The set with both cases of its ASCII letters. */
export function inBothCases(set: CodePoints): CodePoints {
  const added = set.flatMap(([first, last]) => [
    shifted(first, last, 0x41, 32),
    shifted(first, last, 0x61, -32),
  ])
  return unionOf([...set, ...added.filter((range) => range[0] <= range[1])])
}

/** The letters of a range among the 26 from `from` on, in the other case. */
const shifted = (first: number, last: number, from: number, by: number): [number, number] => [
  Math.max(first, from) + by,
  Math.min(last, from + 25) + by,
]

/** The set as a class in RE2's syntax, which Java reads too. */
export function classText(set: CodePoints): string {
  const [range] = set
  if (set.length === 1 && range && range[0] === range[1]) return codeText(range[0])
  return `[${set.map(([first, last]) => (first === last ? codeText(first) : `${codeText(first)}-${codeText(last)}`)).join('')}]`
}

const codeText = (code: number): string =>
  /[0-9A-Za-z]/.test(String.fromCodePoint(code)) ? String.fromCodePoint(code) : `\\x{${code.toString(16)}}`

const ofText = (text: string): CodePoints =>
  unionOf([...text].map((character) => [character.codePointAt(0)!, character.codePointAt(0)!] as const))

export const DIGITS: CodePoints = [[0x30, 0x39]]
export const WORD: CodePoints = unionOf([...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]])
/** What `\s` is and what `trim` takes away: white space and line ends. */
export const WHITE_SPACE =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'
export const SPACE: CodePoints = ofText(WHITE_SPACE)
/** What `.` does not match, without the flag `s`. */
export const LINE_ENDS: CodePoints = ofText('\n\r\u2028\u2029')
