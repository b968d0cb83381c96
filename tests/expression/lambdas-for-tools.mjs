/**
 * Lambdas over the record of `oracle.ts` in the style people write them in, as one module: what `tools.test.ts` passes
 * through every tool. It is a file of plain JavaScript, so that no tool has touched it before.
 */
export const lambdas = {
  field: (e) => e.s,
  sum: (e) => e.n + e.m * 2,
  chain: (e) => e.boss?.name,
  chainLong: (e) => e.user.home?.city,
  chainMethod: (e) => e.label?.trim(),
  chainMethods: (e) => e.label?.trim().toLowerCase(),
  chainTwice: (e) => e.boss?.name?.trim(),
  chainLength: (e) => e.label?.length,
  chainCall: (e) => e.tags?.includes('a'),
  chainDefault: (e) => e.boss?.name ?? 'none',
  chainAnd: (e) => e.boss?.level > 1 && e.flag,
  nullish: (e) => e.maybe ?? 0,
  nullishText: (e) => (e.label ?? 'x').trim(),
  nullishTwice: (e) => e.label ?? e.boss?.name ?? e.s,
  nullishSum: (e) => (e.maybe ?? 0) + (e.j ?? 0),
  or: (e) => e.s || e.t,
  and: (e) => e.flag && e.n > 0,
  notBoth: (e) => !(e.flag && e.ok),
  template: (e) => `${e.s}-${e.t}`,
  templateNumbers: (e) => `n = ${e.i + 1}, ${e.flag}`,
  templateOne: (e) => `${e.i}`,
  templateInChain: (e) => `${e.boss?.name ?? ''}:${e.user.name}`,
  ternary: (e) => (e.n > 0 ? 'plus' : e.n < 0 ? 'minus' : 'none'),
  ternaryNull: (e) => (e.boss === null ? 'none' : e.boss.title),
  ternaryLoose: (e) => (e.label != null ? e.label : 'none'),
  isNull: (e) => e.label === null,
  isNullLoose: (e) => e.boss == null,
  isThere: (e) => e.maybe !== null && e.maybe > 1,
  record: (e) => ({ s: e.s, n: e.n, flag: true, none: null }),
  recordShort: ({ s, n }) => ({ s, n, both: `${s}${n}` }),
  spread: (e) => ({ ...e.user, age: 1 }),
  spreadTwo: (e) => ({ x: e.n, ...e.user, ...{ y: e.m } }),
  spreadAll: (e) => ({ ...e, total: e.n + e.m }),
  spreadList: (e) => [...e.words, e.s],
  spreadLists: (e) => [...e.words, ...(e.tags ?? []), 'x'],
  list: (e) => [e.s, e.t],
  destructured: ({ n, m }) => n - m,
  destructuredDeep: ({ user: { name, age }, s }) => `${name}${s}${age ?? ''}`,
  destructuredRenamed: ({ s: text, i: count }) => text + count,
  destructuredDefault: ({ s, label = 'x' }) => s + (label ?? ''),
  constants: (e) => {
    const a = e.n * 2
    const b = a + e.m
    return b > 0 ? a : b
  },
  constantsText: (e) => {
    const name = e.label?.trim() ?? 'none'
    const upper = name.toUpperCase()
    return `${upper}!`
  },
  constantsPattern: (e) => {
    const { name, home } = e.user
    return name === '' ? home?.city : name
  },
  early: (e) => {
    if (e.n > 0) return 'plus'
    if (e.n < 0) return 'minus'
    return e.s
  },
  earlyNull: (e) => {
    if (e.boss === null) return 'none'
    const { title } = e.boss
    return title
  },
  ifElse: (e) => {
    let size = 0
    if (e.flag) {
      size = 1
    } else {
      size = 2
    }
    return size
  },
  methods: (e) => e.s.trim().slice(1, 3).toUpperCase(),
  words: (e) => e.s.split(' '),
  regex: (e) => /^a\d*/.test(e.s),
  regexReplace: (e) => e.s.replace(/\d+/g, '#'),
  numbers: (e) => Math.floor(e.n) + Math.max(e.m, 0),
  fixed: (e) => e.f.toFixed(2),
  date: (e) => new Date(e.at).getUTCFullYear(),
  dateText: (e) => new Date(e.i).toISOString().slice(0, 10),
  listMap: (e) => e.words.map((word) => word.toUpperCase()),
  listFilter: (e) => e.words.filter((word) => word !== '').length,
  listSome: (e) => e.ids.some((id) => id > e.i),
  listReduce: (e) => e.ids.reduce((total, id) => total + id, 0),
  listFunction(e) {
    return e.words.map((word) => word + e.s)
  },
  power: (e) => e.n ** 2,
  powerOfTwo: (e) => e.n ** e.m,
  undefinedOrNot: (e) => (e.flag ? e.s : undefined),
  comparedTexts: (e) => e.s === 'a' || e.s === e.t,
  boolean: (e) => !!e.label,
  method(e) {
    return e.n > 1 && e.s.startsWith('a')
  },
  function: (e) => e.s + 1,
  infinite: (e) => e.n === Infinity || e.n === -Infinity,
  large: (e) => e.i > 1000000,
}
