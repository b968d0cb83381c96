/**
 * The methods of strings in DuckDB's SQL.
 *
 * DuckDB counts characters. Forms that count or cut are only right where no character is above U+FFFF, which is what
 * the lambda's guard asks; the others are right for all texts. A receiver that is NULL gives NULL in every form.
 */
import type { Condition, RegexCallee, TextCallee } from '../../expression/callee.ts'
import { WHITE_SPACE } from '../../expression/code-points.ts'
import type { Expression } from '../../expression/tree.ts'
import {
  double,
  type Form,
  type Forms,
  isAscii,
  isInteger,
  javascript,
  mayBeNaN,
  numberOf,
  once,
  onceEach,
  type Printing,
  textOf,
} from './printing.ts'

/** A form that has the text of its first operand several times, and those of the others as they are. */
const withFirst =
  (form: (s: string, args: readonly Expression[], printing: Printing) => string): Form =>
  (args, printing) =>
    once(printing.print(args[0]!), printing, (s) => form(s, args, printing))

/** A form that has the texts of all its operands several times. */
const withAll =
  (form: (...texts: string[]) => string): Form =>
  (args, printing) =>
    onceEach(args.map(printing.print), printing, form)

/** What `trim` takes away, as a parameter, for DuckDB's parser eats some of it. */
const trimmed =
  (name: 'trim' | 'ltrim' | 'rtrim'): Form =>
  ([of], { print, parameters }) =>
    `${name}(${print(of!)}, ${parameters.add(WHITE_SPACE)}::VARCHAR)`

/** DuckDB maps letters one by one and without context; JavaScript's full mapping is the same only for ASCII. */
const inCase = (which: 'lower' | 'upper'): Form =>
  withFirst((s) => `CASE WHEN ${isAscii(s)} THEN ${which}(${s}) ELSE ${javascript(which, [s])} END`)

/** In UTF-16 units: `length` counts code points, and those above U+FFFF count twice. */
const lengthOf = (s: string): string =>
  `(CASE WHEN ${isAscii(s)} THEN length(${s}) ` +
  `ELSE length(${s}) + length(regexp_replace(${s}, '[^\\x{10000}-\\x{10FFFF}]', '', 'g')) END)`

/** The ends of what `substring` of DuckDB takes for an index, and more than a text can have. */
const FAR = 2 ** 30

/** An index as BIGINT: cut to an integer, NaN and null to 0, and so near that sums with a length are exact. */
export function indexOf(tree: Expression, printing: Printing): string {
  const known = numberOf(tree)
  if (known !== undefined) {
    const near = Math.max(-FAR, Math.min(Math.trunc(known || 0), FAR))
    return near < 0 ? `(${near})` : `${near + 0}`
  }
  const near = (sql: string) => `greatest(least(trunc(${sql}), ${FAR}), -${FAR})`
  if (isInteger(tree)) return `greatest(least(coalesce(${printing.print(tree)}, 0), ${FAR}), -${FAR})`
  const sql = double(tree, printing)
  if (!mayBeNaN(tree)) return `CAST(${near(sql)} AS BIGINT)`
  return `CAST(${near(`coalesce(nullif(${sql}, 'nan'::DOUBLE), 0)`)} AS BIGINT)`
}

/** An index counted from the end where it is negative, and never outside of `s`. */
const fromEnd = (s: string, at: string): string =>
  /^\d+$/.test(at)
    ? at
    : `CASE WHEN ${at} < 0 THEN greatest(length(${s}) + ${at}, 0) ELSE least(${at}, length(${s})) END`

/** `slice`: the parts of literals are what a person would write. */
const slice: Form = withFirst((s, [, from, to], printing) => {
  const [start, end] = [numberOf(from), numberOf(to)]
  const first = indexOf(from!, printing)
  if (!to) {
    if (start !== undefined) {
      // `right` of nothing is nothing; a negative fraction above -1 is 0.
      return Math.trunc(start) < 0
        ? `right(${s}, ${-Number(first.slice(1, -1))})`
        : `substring(${s}, ${first} + 1)`
    }
    return once(first, printing, (at) => `substring(${s}, ${fromEnd(s, at)} + 1)`)
  }
  const last = indexOf(to, printing)
  if (start !== undefined && end !== undefined && start >= 0 && end >= 0) {
    return `substring(${s}, ${first} + 1, ${Math.max(Number(last) - Number(first), 0)})`
  }
  return onceEach([first, last], printing, (a, b) =>
    onceEach(
      [fromEnd(s, a), fromEnd(s, b)],
      printing,
      (begin, end) => `substring(${s}, ${begin} + 1, greatest((${end}) - (${begin}), 0))`,
    ),
  )
})

/** `substring`: two indexes in any order, negative ones count as 0. */
const substring: Form = withFirst((s, [, from, to], printing) => {
  const [first, last] = [indexOf(from!, printing), to && indexOf(to, printing)]
  const positive = (at: string) => (/^\d+$/.test(at) ? at : `greatest(${at}, 0)`)
  if (last === undefined) return `substring(${s}, ${positive(first)} + 1)`
  return onceEach(
    [positive(first), positive(last)],
    printing,
    (a, b) => `substring(${s}, least(${a}, ${b}) + 1, abs(${a} - ${b}))`,
  )
})

/** The unit at an index that is not negative, '' where there is none. */
const unitAt = (s: string, at: string): string =>
  `CASE WHEN ${at} >= 0 THEN substring(${s}, ${at} + 1, 1) ELSE left(${s}, 0) END`

const charAt: Form = withFirst((s, [, at], printing) =>
  once(indexOf(at!, printing), printing, (i) =>
    /^\d+$/.test(i) ? `substring(${s}, ${i} + 1, 1)` : unitAt(s, i),
  ),
)

/** `at`: from the end where it is negative. */
const at: Form = withFirst((s, [, index], printing) =>
  once(indexOf(index!, printing), printing, (i) =>
    /^\d+$/.test(i)
      ? `nullif(substring(${s}, ${i} + 1, 1), '')`
      : once(
          `CASE WHEN ${i} < 0 THEN length(${s}) + ${i} ELSE ${i} END`,
          printing,
          (place) => `nullif(${unitAt(s, `(${place})`)}, '')`,
        ),
  ),
)

/** `s[at]`: only an integer that is not negative is the name of a unit. */
const element: Form = (args, printing, call) => {
  const [of, index] = args
  const unit = `nullif(${charAt([of!, index!], printing, call)}, '')`
  if (isInteger(index!)) return unit
  // NaN and infinity less themselves are NaN.
  return once(double(index!, printing), printing, (x) => `CASE WHEN ${x} - trunc(${x}) = 0 THEN ${unit} END`)
}

/** A position to begin at, within the text. */
const position = (tree: Expression, printing: Printing): string => {
  const i = indexOf(tree, printing)
  return /^\d+$/.test(i) ? i : `greatest(${i}, 0)`
}

/** `instr` counts from 1, and finds the empty text at the first place. */
const find: Form = withFirst((s, [, needle, from], printing) => {
  const n = printing.print(needle!)
  if (!from) return `(instr(${s}, ${n}) - 1)`
  const start = `least(${position(from, printing)}, length(${s}))`
  return once(start, printing, (begin) =>
    once(
      `instr(substring(${s}, ${begin} + 1), ${n})`,
      printing,
      (found) => `(CASE WHEN ${found} = 0 THEN -1 ELSE ${found} - 1 + ${begin} END)`,
    ),
  )
})

/** Backwards by `reverse`, which keeps the parts of a combined character together: so for ASCII only. */
const findLast: Form = withAll(
  (s, n) =>
    `(CASE WHEN ${isAscii(s)} AND ${isAscii(n)} THEN CASE WHEN contains(${s}, ${n}) ` +
    `THEN length(${s}) - length(${n}) - instr(reverse(${s}), reverse(${n})) + 1 ELSE -1 END ` +
    `ELSE CAST(${javascript('last_index_of', [s, n])} AS BIGINT) END)`,
)

/** The first place only. A `$` in what is put there has a meaning that only JavaScript knows. */
const replaceFirst: Form = (args, printing) => {
  const plain = (s: string, n: string, r: string) =>
    `CASE WHEN contains(${s}, ${n}) ` +
    `THEN left(${s}, instr(${s}, ${n}) - 1) || ${r} || substring(${s}, instr(${s}, ${n}) + length(${n})) ELSE ${s} END`
  return withAll((s, n, r) => dollar(args[2]!, r, plain(s, n, r), javascript('replace', [s, n, r])))(
    args,
    printing,
    undefined as never,
  )
}

/** All places. The empty text is left to JavaScript: it is at every place. */
const replaceAll: Form = (args, printing) =>
  withAll((s, n, r) => {
    const own = javascript('replace_all', [s, n, r])
    const plain = `replace(${s}, ${n}, ${r})`
    const known = textOf(args[1])
    const form = known ? plain : known === '' ? own : `CASE WHEN ${n} = '' THEN ${own} ELSE ${plain} END`
    return dollar(args[2]!, r, form, own)
  })(args, printing, undefined as never)

/** One of two forms by whether the replacement has a `$`. */
function dollar(replacement: Expression, r: string, plain: string, own: string): string {
  const known = textOf(replacement)
  if (known !== undefined) return known.includes('$') ? own : plain
  return `CASE WHEN contains(${r}, '$') THEN ${own} ELSE ${plain} END`
}

/** DuckDB's `lpad` also cuts, and can't fill with nothing. */
const pad =
  (name: 'lpad' | 'rpad'): Form =>
  (args, printing) => {
    const [of, length, fill] = args
    const known = fill ? textOf(fill) : ' '
    if (known === '') return printing.print(of!)
    const filler = fill ? printing.print(fill) : "' '"
    return onceEach([printing.print(of!), filler], printing, (s, f) => {
      const isFilled = known === undefined ? ` AND ${f} <> ''` : ''
      const n = indexOf(length!, printing)
      return `CASE WHEN length(${s}) < ${n}${isFilled} THEN ${name}(${s}, ${n}, ${f}) ELSE ${s} END`
    })
  }

/** The characters of a text, one by one. `string_split` by '' would keep combined ones together. */
const characters = (s: string): string => `regexp_extract_all(${s}, '(?s).')`

const splitBy: Form = (args, printing) => {
  const known = textOf(args[1])
  if (known === '') return characters(printing.print(args[0]!))
  return withAll((s, n) => `CASE WHEN ${n} = '' THEN ${characters(s)} ELSE string_split(${s}, ${n}) END`)(
    args,
    printing,
    undefined as never,
  )
}

const simple =
  (name: string): Form =>
  (args, { print }) =>
    `${name}(${args.map(print).join(', ')})`

export const TEXT_FORMS: Forms<TextCallee> = {
  split: simple('string_split'),
  startsWith: simple('starts_with'),
  endsWith: simple('ends_with'),
  trim: trimmed('trim'),
  'string.trimStart': trimmed('ltrim'),
  'string.trimEnd': trimmed('rtrim'),
  toLowerCase: inCase('lower'),
  toUpperCase: inCase('upper'),
  'string.length': withFirst(lengthOf),
  'string.slice': slice,
  'string.substring': substring,
  'string.at': at,
  'string.charAt': charAt,
  'string.element': element,
  'string.charCodeAt': (args, printing, call) =>
    once(
      charAt(args, printing, call),
      printing,
      (unit) => `CASE WHEN ${unit} = '' THEN 'nan'::DOUBLE ELSE CAST(unicode(${unit}) AS DOUBLE) END`,
    ),
  'string.codePointAt': (args, printing, call) =>
    `CAST(unicode(nullif(${charAt(args, printing, call)}, '')) AS BIGINT)`,
  'string.from': withFirst((s, [, from], printing) => `substring(${s}, ${position(from!, printing)} + 1)`),
  'string.indexOf': find,
  'string.lastIndexOf': findLast,
  'string.replace': replaceFirst,
  'string.replaceAll': replaceAll,
  'string.padStart': pad('lpad'),
  'string.padEnd': pad('rpad'),
  'string.repeat': ([of, times], printing) => `repeat(${printing.print(of!)}, ${indexOf(times!, printing)})`,
  'string.concat': ([of, more], { print }) => `(${print(of!)} || ${print(more!)})`,
  'string.splitBy': splitBy,
  'string.first': ([list, most], printing) => `(${printing.print(list!)})[1:${indexOf(most!, printing)}]`,
}

/** The pattern travels as a parameter, like every text of the user. */
export const REGEX_FORMS: Forms<RegexCallee> = {
  'regex.test': simple('regexp_matches'),
  'regex.replace': simple('regexp_replace'),
  'regex.replaceAll': (args, { print }) => `regexp_replace(${args.map(print).join(', ')}, 'g')`,
  'regex.split': simple('string_split_regex'),
  // The shortest text in front of a match is the one in front of the first.
  'regex.search': withFirst((s, [, pattern], { print, parameters }) => {
    const before = `${parameters.add(`(?s)\\A(.*?)(?:${textOf(pattern)})`)}::VARCHAR`
    const found = `regexp_matches(${s}, ${print(pattern!)})`
    return `(CASE WHEN ${found} THEN length(regexp_extract(${s}, ${before}, 1)) WHEN ${s} IS NOT NULL THEN -1 END)`
  }),
}

/** True of NULL. Of other values than texts, their text in SQL has the same characters. */
export const isBasic: Forms<Condition>['isBasic'] = ([of], printing) => {
  const { type } = of!
  const sql = printing.print(of!)
  const text = type.kind === 'string' ? sql : `CAST(${sql} AS VARCHAR)`
  return once(text, printing, (s) => {
    // not OR: outside of a WHERE both its sides are computed for all rows, and the search costs ten times the rest
    const test = `(CASE WHEN ${isAscii(s)} THEN TRUE ELSE NOT regexp_matches(${s}, '[\\x{10000}-\\x{10FFFF}]') END)`
    return type.nullable ? `coalesce(${test}, TRUE)` : test
  })
}
