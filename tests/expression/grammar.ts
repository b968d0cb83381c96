/**
 * The grammar of random lambdas: expressions by type, over the fields of `RECORD`.
 *
 * A program is drawn as a text together with the forms it is made of, so that a run can tell which forms compiled at
 * least once. A form has holes: `fill('# + #', number, number)`.
 */
import fc from 'fast-check'

/** A text of the grammar, and the forms in it. */
interface Piece {
  readonly text: string
  readonly forms: readonly string[]
}
type Pieces = fc.Arbitrary<Piece>

const forms = new Set<string>()
const register = (form: string): string => {
  forms.add(form)
  return form
}

/** One of some texts, each a form of its own. */
const one = (...texts: string[]): Pieces =>
  fc.constantFrom(...texts.map((text) => ({ text, forms: [register(text)] })))
/** One of some texts that are not worth counting: literals. */
const some = (...texts: string[]): Pieces => fc.constantFrom(...texts.map((text) => ({ text, forms: [] })))
const fill = (form: string, ...parts: Pieces[]): Pieces => {
  register(form)
  return fc.tuple(...parts).map((pieces) => ({
    text: form
      .split('#')
      .reduce((left, right, index) => left + (index > 0 ? pieces[index - 1]!.text : '') + right, ''),
    forms: [form, ...pieces.flatMap((piece) => piece.forms)],
  }))
}

const literal = some(
  "''",
  "' '",
  "'a'",
  "'A'",
  "'ß'",
  "'\\u{1f600}'",
  "'\\ufeff'",
  "'\\0'",
  "'null'",
  "','",
  "'Σ'",
  "'$&'",
  "'b'",
  "'12'",
)
const separator = some("' '", "'a'", "','", "'\\u{1f600}'", "'\\0'", "'\\r\\n'", "'aa'")
const index = fc.oneof(
  some('0', '1', '2', '3', '-1', '-2', '-7', '1.5', '-0.5', 'Infinity', '-Infinity', 'NaN', '1e10', '100'),
  some('e.i', 'e.n', 'e.j', 'e.maybe', 'e.m', 'e.s.length', '(e.s.length - 1)', '(e.t.length - 2)'),
)
const replacement = some(
  "''",
  "'-'",
  "'$$'",
  "'<$&>'",
  "'$1'",
  "'$2$1'",
  "'\\\\'",
  "'\\u{1f600}'",
  "'$10'",
  "'$'",
)

/** A regular expression as a literal. */
const { regex } = fc.letrec<Record<string, Piece>>((tie) => {
  const [atom, term, sequence] = ['atom', 'term', 'sequence'].map(tie) as Pieces[]
  return {
    atom: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'regex' },
      some(
        'a',
        'b',
        'A',
        'x',
        '%',
        '_',
        'ab',
        ',',
        '1',
        '\\.',
        '\\$',
        '-',
        '\\/',
        '[\\0]',
        '\\u00e9',
        '\\x41',
        '\\cJ',
      ),
      one('.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\t', '\\n', '\\r'),
      one(
        '[ab]',
        '[^a]',
        '[a-z0-9_]',
        '[^\\s,]',
        '[\\d.]',
        '[\\S]',
        '[^\\W]',
        '[\\u0130-\\u0131]',
        '[\\b$-]',
      ),
      fill('(?:#)', sequence!),
      fill('(#)', sequence!),
      fill('(?:#|#)', sequence!, sequence!),
      fill('(#|#)', sequence!, sequence!),
    ),
    term: fc.oneof(
      atom!,
      atom!,
      fill('##', atom!, one('*', '+', '?', '*?', '+?', '??', '{2}', '{1,}', '{1,3}?', '{0,2}')),
      one('^', '$', '\\b'),
    ),
    sequence: fc.oneof(term!, fill('##', term!, term!), fill('###', term!, atom!, term!)),
    regex: fc.oneof(
      fill('/#/#', sequence!, one('', 'i', 's', 'u', 'su', 'is')),
      fill('/#|#/#', sequence!, sequence!, one('', 'i', 'u')),
      fill('/^#$/#', sequence!, one('', 'i', 's')),
      fill('/#$/#', sequence!, one('', 'u')),
      fill('/^#/', sequence!),
      fill('/#(?<name>#)/#', sequence!, sequence!, one('', 'i')),
    ),
  }
}) as { regex: Pieces }
const regexG = regex.map(({ text, forms }) => ({ text: `${text}g`, forms }))

const date = fill(
  'new Date(#)',
  fc.oneof(some('e.at', 'e.at', 'e.i', 'e.j', 'e.n'), fill('(e.at + #)', some('e.i', '1', 'e.f'))),
)

/** A part as the body of an inner function: some fields of the record become its parameters. */
const inner =
  (names: Readonly<Record<string, string>>) =>
  (part: Pieces): Pieces =>
    part.map(({ text, forms }) => ({
      text: text.replace(/\be\.(user\.name|\w+)/g, (field, name: string) => names[name] ?? field),
      forms,
    }))
// Different fields, so that in nested functions the parameters of both are used.
const ofWord = inner({ s: 'w' })
const ofItem = inner({ label: 'i.note', t: 'i.sku', f: 'i.rank', n: 'i.qty', at: 'i.ms', j: 'k' })
const ofNumber = inner({ m: 'x' })
const ofTextAndWord = inner({ s: 'w', 'user.name': 'a' })
const ofSumAndItem = inner({ label: 'i.note', t: 'i.sku', f: 'i.rank', n: 'i.qty', u: 'a' })

const { program } = fc.letrec<Record<string, Piece>>((tie) => {
  const [number, integer, text, truth, list] = ['number', 'integer', 'text', 'truth', 'list'].map(
    tie,
  ) as Pieces[]
  const [maybeNumber, maybeText, any] = ['maybeNumber', 'maybeText', 'any'].map(tie) as Pieces[]
  const pick = (leaves: Pieces, ...branches: Pieces[]) =>
    fc.oneof({ maxDepth: 5, depthIdentifier: 'program' }, leaves, ...branches)
  // What may be undefined in JavaScript: allowed only where that can't be told from null.
  const hazy = one(
    'e.boss?.name',
    'e.boss?.level',
    'e.user.home?.city?.length',
    'e.label?.trim()',
    'e.label?.slice(1)',
    'e.label?.at(-1)',
    'e.s[0]',
    'e.label?.[e.i]',
    'e.tags?.length',
    'e.boss?.title',
    'undefined',
  )
  const chosen = (part: Pieces, nullish: Pieces) => [
    fill('(# ? # : #)', any!, part, part),
    fill('(# || #)', nullish, part),
    fill('(# && #)', part, part),
    fill('(# ?? #)', nullish, part),
  ]
  const numeric = fc.oneof(number!, integer!, maybeNumber!)
  // Bodies that return parts of one type.
  const block = (part: Pieces) =>
    fc.oneof(
      fill('{ if (#) return #; return # }', any!, part, part),
      fill('{ if (#) { if (#) return # } else return #; return # }', truth!, any!, part, part, part),
      fill('{ if (#) { return # } else if (#) { # } return # }', truth!, part, any!, any!, part),
      fill('{ let a = #; if (#) { const a = #; if (a) return # } return a }', part, truth!, any!, part),
      fill('{ const a = #; { var b = a; if (#) { return b } } return # }', part, truth!, part),
      fill(
        '{ switch (#) { case #: return #; case #: break; default: return # } return # }',
        fc.oneof(text!, maybeText!),
        text!,
        part,
        some('null', "'a'"),
        part,
        part,
      ),
      fill('{ switch (#) { case 0: if (#) break; case 1: return # } return # }', integer!, any!, part, part),
      fill(
        '{ if (e.boss # null) return #; return e.boss.level < # ? # : # }',
        one('==', '==='),
        part,
        number!,
        part,
        part,
      ),
      fill(
        '{ const { boss: b, label } = e; if (!b || !label) return #; return b.title < label ? # : # }',
        part,
        part,
        part,
      ),
      fill(
        '{ const { user: { name = #, ...o }, n: m = 1 } = e; return o.home && m < # ? # : # }',
        text!,
        number!,
        part,
        part,
      ),
      fill(
        "{ if (typeof e.label !== 'string') return #; return e.label.includes(#) ? # : # }",
        part,
        text!,
        part,
        part,
      ),
    )
  return {
    number: pick(
      one(
        'e.n',
        'e.m',
        'e.f',
        'e.u',
        '0',
        '1.5',
        '0.1',
        '1e308',
        'NaN',
        '-Infinity',
        'Math.PI',
        'Number.EPSILON',
        'Number.MIN_VALUE',
        '(e.boss?.level ?? 1)',
        '(e.user.home?.size ?? 0)',
      ),
      fill('(# #)', one('-', '+'), fc.oneof(number!, maybeNumber!)),
      fill(
        '(# # #)',
        fc.oneof(number!, maybeNumber!),
        one('+', '-', '*', '/', '%'),
        fc.oneof(number!, integer!),
      ),
      fill('(# # #)', number!, one('/', '%'), some('2', '-7', '0.3', '1e-300', '0', 'Infinity')),
      fill('(# ** #)', numeric.map(parenthesized), fc.oneof(some('2', '3', '0.5', '-1'), number!)),
      fill('Math.#(#)', one('floor', 'ceil', 'trunc', 'abs', 'round'), fc.oneof(number!, maybeNumber!)),
      fill('Math.#(#, #)', one('min', 'max'), fc.oneof(number!, integer!), fc.oneof(number!, maybeNumber!)),
      fill('Math.#(#)', one('sqrt', 'sign', 'cbrt', 'exp', 'log', 'log10', 'sin', 'atan', 'fround'), numeric),
      fill('Math.#(#, #)', one('hypot', 'atan2', 'pow', 'imul'), numeric, numeric),
      fill('#(#)', one('Number', '+', 'parseFloat', 'Number.parseFloat'), text!),
      fill('parseInt(#)', text!),
      fill('parseInt(#, #)', text!, one('10', '16', '2', '36')),
      fill('Number(#)', fc.oneof(maybeText!, maybeNumber!, truth!)),
      fill('#.charCodeAt(#)', text!, index),
      fill('e.items.reduce((a, i) => #, #)', ofSumAndItem(number!), number!),
      fill('e.grid.reduce((a, r) => a + r.reduce((b, x) => #, #), #)', ofNumber(number!), number!, number!),
      fill('(e.rates[#] ?? 0)', index),
      fill('(e.rates.at(#) ?? 0)', index),
      fill('(e.grid[#]?.[#] ?? 0)', index, index),
      fill('Date.UTC(#, #)', numeric, index),
      fill('Date.UTC(#, #, #, #)', some('2024', '99', 'e.i', '-1'), index, index, index),
      ...chosen(number!, maybeNumber!),
    ),
    integer: pick(
      one('e.i', 'e.at', '0', '7', '-1', '9007199254740991', '(e.j ?? 0)', 'e.s.length', 'e.words.length'),
      fill('#.length', text!),
      fill('#.length', list!),
      fill('#.#(#)', list!, one('indexOf', 'lastIndexOf'), fc.oneof(text!, maybeText!)),
      fill('e.rates.#(#)', one('indexOf', 'lastIndexOf'), numeric),
      fill('#.#(w => #)', list!, one('findIndex', 'findLastIndex'), ofWord(any!)),
      fill('e.items.filter((i, k) => #).length', ofItem(any!)),
      fill('#.reduce((a, w) => Math.max(a, #), #)', list!, ofWord(integer!), integer!),
      fill('Math.#(#)', one('floor', 'ceil', 'trunc', 'abs', 'round'), integer!),
      fill('Math.#(#, #, #)', one('min', 'max'), integer!, integer!, some('e.j', 'e.i', '0')),
      fill('(# ? # : #)', any!, integer!, integer!),
      fill('(+#)', integer!),
      fill('(#, #)', any!, integer!),
      fill('(# # #)', numeric, one('&', '|', '^', '<<', '>>', '>>>'), fc.oneof(numeric, index)),
      fill('(~#)', numeric),
      fill('#.indexOf(#)', text!, text!),
      fill('#.indexOf(#, #)', text!, text!, index),
      fill('#.lastIndexOf(#)', text!, text!),
      fill('#.search(#)', text!, regex),
      fill('(#.codePointAt(#) ?? 0)', text!, index),
      fill(
        '#.#()',
        date,
        one('getTime', 'valueOf', 'getUTCFullYear', 'getUTCMonth', 'getUTCDate', 'getUTCDay'),
      ),
      fill('#.#()', date, one('getUTCHours', 'getUTCMinutes', 'getUTCSeconds', 'getUTCMilliseconds')),
    ),
    maybeNumber: pick(
      one('e.maybe', 'e.j', 'e.user.age', '(e.boss?.level ?? null)'),
      fill('(# ? # : null)', truth!, number!),
      fill('(# ? # : null)?.# ?? null', truth!, date, one('getTime()', 'getUTCDay()', 'getUTCHours()')),
      fill('(e.label?.#) ?? null', one('indexOf(e.s)', 'lastIndexOf(e.s)', 'charCodeAt(0)', 'search(/a/)')),
      ...chosen(maybeNumber!, maybeNumber!),
    ).map(parenthesized),
    text: pick(
      fc.oneof(one('e.s', 'e.t', 'e.user.name'), literal),
      fill('(# + #)', text!, fc.oneof(text!, numeric, truth!, maybeText!)),
      fill(
        '`#-$' + '{#}$' + '{#}`',
        some('', 'a', '😀'),
        fc.oneof(text!, numeric),
        fc.oneof(truth!, maybeText!, some('e.j', 'e.ok', 'null', '1.5', 'e.n')),
      ),
      fill('#.#()', text!, one('trim', 'trimStart', 'trimEnd', 'toLowerCase', 'toUpperCase', 'toString')),
      fill('String(#)', fc.oneof(numeric, text!, truth!)),
      fill(
        '(#).#',
        number!,
        one('toString()', 'toFixed(2)', 'toFixed()', 'toPrecision(3)', 'toExponential(4)'),
      ),
      fill('(#).toString(#)', integer!, one('10', '16', '36')),
      fill('(#).toString()', truth!),
      fill('(typeof #)', fc.oneof(text!, maybeText!, numeric, truth!, list!)),
      fill('#.#(#)', text!, one('slice', 'substring', 'charAt'), index),
      fill('#.#(#, #)', text!, one('slice', 'substring'), index, index),
      fill("(# ?? '')", fill('#.at(#)', text!, index)),
      fill("(# ?? '')", fill('#[#]', text!, index)),
      fill('#.#(#, #)', text!, one('replace', 'replaceAll'), text!, text!),
      fill('#.replace(#, #)', text!, regex, replacement),
      fill('#.#(#, #)', text!, one('replace', 'replaceAll'), regexG, replacement),
      fill('#.#(#)', text!, one('padStart', 'padEnd'), some('0', '3', '7')),
      fill('#.#(#, #)', text!, one('padStart', 'padEnd'), some('3', '8'), text!),
      fill('#.repeat(#)', text!, some('0', '1', '3')),
      fill('#.concat(#, #)', text!, text!, fc.oneof(numeric, maybeText!, truth!)),
      fill('#.toISOString()', date),
      fill('#.toJSON()', date),
      fill('#.join(#)', list!, some("','", "''", "'\\u{1f600}'")),
      fill('e.#.join(#)', one('rates', 'ids', 'words'), some("'-'", '')),
      fill("(# ?? '')", fill('#.#', list!, fill('at(#)', index))),
      fill("(# ?? '')", fill('#[#]', list!, index)),
      fill('#.reduce((a, w) => #, #)', list!, ofTextAndWord(text!), text!),
      ...chosen(text!, maybeText!),
    ),
    maybeText: pick(
      one(
        'e.label',
        '(e.boss?.name || null)',
        '(e.boss?.name ?? null)',
        '(e.user.home?.city?.trim() ?? null)',
        '(e.maybe?.toFixed(1) ?? null)',
        '(e.j?.toString() ?? null)',
        '(e.ok?.toString() ?? null)',
        '(e.s.at(-1) ?? null)',
        '(e.s[1] ?? null)',
      ),
      fill('(e.label?.#() ?? null)', one('trim', 'toLowerCase', 'toUpperCase', 'trimStart', 'trimEnd')),
      fill('(e.label?.#(#) ?? null)', one('slice', 'substring', 'charAt', 'at'), index),
      fill('(e.label?.#(#, #) ?? null)', one('slice', 'substring'), index, index),
      fill('(e.label?.#(#, #) ?? null)', one('replace', 'replaceAll'), text!, text!),
      fill('(e.label?.concat(#) ?? null)', text!),
      fill(
        '(e.label?.# ?? null)',
        one("padStart(5, 'ab')", 'repeat(2)', "replace(/a/, 'b')", "replace(/a/g, 'b')"),
      ),
      fill('((# ? # : null)?.toISOString() ?? null)', truth!, date),
      fill('(#.#(w => #) ?? null)', list!, one('find', 'findLast'), ofWord(any!)),
      fill('(e.items.find((i, k) => #)?.# ?? null)', ofItem(any!), one('note', 'sku')),
      fill('(e.holes?.#?.trim() ?? null)', one('[0]', 'at(-1)', 'at(1)')),
      fill('(# ? # : null)', truth!, text!),
      ...chosen(maybeText!, maybeText!),
    ),
    truth: pick(
      one('e.flag', '(e.ok ?? false)', 'true', 'false', '(e.boss === null)', '(e.boss == null)'),
      fill('(# # #)', fc.oneof(number!, maybeNumber!), one('<', '<=', '>', '>='), numeric),
      fill('(# # #)', fc.oneof(number!, maybeNumber!), one('===', '!==', '==', '!='), numeric),
      fill('(# # #)', text!, one('<', '<=', '>', '>='), text!),
      fill(
        '(# # #)',
        fc.oneof(text!, maybeText!),
        one('===', '!==', '==', '!='),
        fc.oneof(text!, maybeText!),
      ),
      fill('(# # #)', truth!, one('===', '!==', '=='), fc.oneof(truth!, some('e.ok'))),
      fill('(# # null)', fc.oneof(any!, maybeText!, maybeNumber!), one('===', '!==', '==', '!=')),
      fill('#.#(#)', text!, one('startsWith', 'endsWith', 'includes'), text!),
      fill('#.#(#, #)', text!, one('startsWith', 'endsWith', 'includes'), text!, index),
      fill('#.test(#)', regex, text!),
      fill('#.test(#)', regex, text!),
      fill('Number.#(#)', one('isInteger', 'isSafeInteger', 'isFinite', 'isNaN'), numeric),
      fill('#(#)', one('isNaN', 'isFinite', 'Boolean'), numeric),
      fill('#.includes(#)', list!, text!),
      fill('e.ids.includes(#)', integer!),
      fill('#.#((w, i) => #)', list!, one('some', 'every'), ofWord(any!)),
      fill('e.items.#((i, k) => #)', one('some', 'every'), ofItem(any!)),
      fill('(e.tags?.#(w => #) ?? false)', one('some', 'every'), ofWord(any!)),
      fill('e.grid.#(r => r.#(x => #))', one('some', 'every'), one('some', 'every'), ofNumber(truth!)),
      fill('e.rates.includes(#)', numeric),
      fill('(e.holes?.includes(#) ?? false)', maybeText!),
      fill('e.grid.some(r => r.includes(#))', number!),
      fill('(!#)', fc.oneof(any!, hazy)),
      fill(
        '(typeof # # #)',
        fc.oneof(text!, maybeText!, numeric, list!, some('e.boss?.name', 'e.ok')),
        one('===', '!==', '=='),
        one("'string'", "'number'", "'object'", "'undefined'"),
      ),
      fill('(# # null)', hazy, one('==', '!=')),
      fill("(# === 'eve')", one('e.boss?.name', 'e.user.home?.city', 'e.label?.trim()')),
      fill('(e.boss?.level # #)', one('===', '!=='), fc.oneof(number!, integer!)),
      fill('(# # #)', truth!, one('&&', '||'), truth!),
      ...chosen(truth!, some('e.ok', 'null')),
      tie('guarded') as Pieces,
      tie('guarded') as Pieces,
    ),
    // A member of something nullable, where a condition has excluded null.
    guarded: pick(
      one('(e.boss ? e.boss.level < 1 : false)', '(e.label !== null && e.label.includes(e.s))'),
      fill('(e.boss # null && (e.boss.level < # || #))', one('!=', '!=='), number!, truth!),
      fill('(e.boss # null || # || e.boss.title === #)', one('==', '==='), truth!, text!),
      fill('(!e.boss || (e.boss.level === # ? # : e.boss.title.includes(#)))', number!, truth!, text!),
      fill('(e.maybe && e.label ? # === e.maybe && e.label.length < # : #)', number!, integer!, truth!),
      fill('(e.label ? e.label.slice(#) < # : #)', index, text!, truth!),
      fill('(e.boss && e.boss.title.at(#) === #)', index, text!),
      fill('(e.j !== null && new Date(e.j).getUTCDay() === #)', integer!),
      fill('!(e.user.home?.city && # && e.user.home.size < e.user.home.city.length)', truth!),
    ),
    list: pick(
      one('e.words', '(e.tags ?? [])'),
      fill('#.split(#)', text!, separator),
      fill('#.split(#)', text!, text!),
      fill('#.split(#, #)', text!, separator, some('0', '1', '2')),
      fill('#.split(#)', text!, regex),
      fill('[#, #]', text!, text!),
      fill('[...#, #]', list!, text!),
      fill('[#, ...#, ...#]', text!, list!, list!),
      fill('(# ? # : [])', any!, list!),
      fill('(# ? [] : #)', any!, list!),
      fill('#.map(w => #)', list!, ofWord(text!)),
      fill('#.map((w, i) => # + i)', list!, ofWord(text!)),
      fill('e.items.map((i, k) => #)', ofItem(text!)),
      fill('#.filter(w => #)', list!, ofWord(any!)),
      fill('#.filter(Boolean)', list!),
      fill('(e.holes ?? []).filter(w => w !== null && #).map(w => #)', ofWord(truth!), ofWord(text!)),
      fill('#.flatMap(w => #)', list!, ofWord(list!)),
      fill('[#, #].flat()', list!, list!),
      fill('#.slice(#)', list!, index),
      fill('#.slice(#, #)', list!, index, index),
      fill('#.concat(#, #)', list!, fc.oneof(list!, text!), list!),
      fill('#.#()', list!, one('toReversed', 'toSorted', 'slice')),
      fill('#.split(#).#()', text!, separator, one('reverse', 'sort')),
    ),
    // Of numbers and of records.
    others: fc.oneof(
      one('e.items', 'e.grid', 'e.rates', 'e.holes', 'e.grid.flat()'),
      fill('#.map(w => #)', list!, ofWord(any!)),
      fill('e.items.map((i, k) => ({ a: #, b: i, k }))', ofItem(any!)),
      fill('e.items.filter((i, k) => #)', ofItem(any!)),
      fill(
        'e.items.#((a, b) => #)',
        some('toSorted'),
        one('a.rank - b.rank', 'b.rank - a.rank', 'a.ms - b.ms'),
      ),
      fill('e.ids.toSorted((a, b) => #)', one('a - b', 'b - a', 'b % 3 - a % 3')),
      fill('e.grid.map(r => r.map(x => #))', ofNumber(number!)),
      fill('e.rates.slice(#, #)', index, index),
      fill('e.rates.map(x => x ?? #)', number!),
      fill('e.grid.map((r, i) => r.map((x, j) => r.map((y, k) => x + y * # + i + j + k)))', number!),
      fill('e.items.map(i => new Date(i.ms).#())', one('getUTCDay', 'toISOString')),
    ),
    any: fc.oneof(hazy, number!, integer!, text!, truth!, list!, maybeNumber!, maybeText!),
    record: fc.oneof(
      fill('({ ...e.user, age: #, extra: # })', maybeNumber!, any!),
      fill("({ a: #, ['b']: #, a: # })", any!, any!, number!),
      fill('({ b: #, ...{ a: #, b: # }, c: # })', any!, any!, text!, integer!),
      fill(
        '(e.boss ? { ...e.boss, level: # } : { name: #, ...{ title: #, level: # } })',
        number!,
        maybeText!,
        text!,
        integer!,
      ),
      fill('({ a: #, b: #, c: [#, #] })', any!, any!, number!, maybeNumber!),
      fill(
        '(# ? { a: #, b: { c: # } } : { b: { c: # }, a: # })',
        truth!,
        number!,
        text!,
        maybeText!,
        integer!,
      ),
    ),
    block: fc.oneof(
      ...[number!, integer!, text!, maybeText!, truth!, list!, tie('record') as Pieces].map(block),
    ),
    program: fc
      .oneof(any!, any!, any!, tie('others') as Pieces, tie('record') as Pieces, tie('block') as Pieces)
      .map(({ text, forms }) => ({ text: `e => ${text}`, forms })),
  }
}) as { program: Pieces }

function parenthesized({ text, forms }: Piece): Piece {
  return { text: `(${text})`, forms }
}

/** Random lambdas as texts. */
export const PROGRAM: Pieces = program
/** All forms of the grammar. */
export const FORMS: ReadonlySet<string> = forms
