/**
 * The methods of lists in DuckDB's SQL.
 *
 * DuckDB counts elements from 1, and from the end where the number is negative. A list that is NULL gives NULL in
 * every form. What a function does with each element is a `lambda` of DuckDB, which sees the names around it; its body
 * may be computed for any element, so like every form it never fails.
 */
import type { ListCallee } from '../../expression/callee.ts'
import { type Each, type Expression, type Reduce, reads } from '../../expression/tree.ts'
import { isNumeric, type ListType, listOf, nonNull, numberOf, type Type } from '../../schema/type.ts'
import { toText } from './number-sql.ts'
import {
  double,
  doubleOrNull,
  type Form,
  type Forms,
  isInteger,
  mayBeNaN,
  NAN,
  once,
  onceEach,
  type Printing,
} from './printing.ts'
import { indexOf } from './text-sql.ts'
import { castTo, duckdbType } from './type-sql.ts'

/** What is made of a list with a function. */
export function eachSql(tree: Each, printing: Printing): string {
  const list = printing.print(tree.list)
  const [item, index] = [`ds_each${tree.item}`, `ds_index${tree.index}`]
  printing.variables.set(tree.item, item)
  printing.variables.set(tree.index, `(${index} - 1)`)
  const body = printing.print(tree.body)
  const names = reads(tree.body, [tree.index]) ? `${item}, ${index}` : item
  const kept = `list_filter(${list}, lambda ${names}: ${body})`
  switch (tree.op) {
    case 'map':
      return `list_transform(${list}, lambda ${names}: ${body})`
    case 'flatMap':
      return `flatten(list_transform(${list}, lambda ${names}: ${body}))`
    case 'filter':
      return kept
    case 'some':
      return `(len(${kept}) > 0)`
    case 'every':
      return `(len(list_filter(${list}, lambda ${names}: NOT ${body})) = 0)`
    case 'find':
      return `(${kept})[1]`
    case 'findLast':
      return `(${kept})[-1]`
    case 'findIndex':
    case 'findLastIndex': {
      const tests = `list_transform(${list}, lambda ${names}: ${body})`
      return once(tests, printing, (tested) => placeOf(tested, 'TRUE', tree.op === 'findLastIndex'))
    }
    case 'ascending':
    case 'descending':
      return ordered(tree, list, `${item}, ${index}`, index, body)
    default:
      return tree.op satisfies never
  }
}

/** The index of the first or last element that is the value, -1 where there is none. */
function placeOf(list: string, value: string, last: boolean): string {
  const found = last
    ? `coalesce(len(${list}) - list_position(list_reverse(${list}), ${value}), -1)`
    : `coalesce(list_position(${list}, ${value}), 0) - 1`
  return `CASE WHEN ${list} IS NOT NULL THEN CAST(${found} AS BIGINT) END`
}

/** Where keys are the same, which 0 and -0 are, the place decides: the order is stable. */
function ordered(tree: Each, list: string, names: string, index: string, body: string): string {
  const key = tree.op === 'ascending' ? body : `(-(${body}))`
  // Minus the smallest BIGINT would fail, but integers are safe ones. 0 and -0 are made one.
  const plain = tree.body.type.kind === 'number' ? `(${key} + 0::DOUBLE)` : key
  const packed = `struct_pack(k := ${plain}, i := ${index}, v := ds_each${tree.item})`
  return `list_transform(list_sort(list_transform(${list}, lambda ${names}: ${packed})), lambda ds_sorted: ds_sorted.v)`
}

/**
 * The initial value is put in front of the list. Given to `list_reduce` as its own argument it would be wrong: where
 * some lists are empty, DuckDB 1.5 then takes what the function reads from outside from another row.
 *
 * `list_reduce` knows one type for elements and what is reduced. Where they differ, both are fields of one struct.
 */
export function reduceSql(tree: Reduce, printing: Printing): string {
  const [a, x] = [`ds_so_far${tree.accumulator}`, `ds_each${tree.item}`]
  const list = printing.print(tree.list)
  const initial = castTo(printing.print(tree.initial), tree.initial.type, tree.type)
  const [from, to] = [duckdbType(elementType(tree.list)), duckdbType(tree.type)]
  const isOne = from === to
  printing.variables.set(tree.accumulator, isOne ? a : `${a}.a`)
  printing.variables.set(tree.item, isOne ? x : `${x}.x`)
  const body = castTo(printing.print(tree.body), tree.body.type, tree.type)
  const pack = (soFar: string, item: string) => `struct_pack(a := ${soFar}, x := ${item})`
  const reduced = (first: string, items: string, next: string) =>
    `list_reduce(list_prepend(${first}, ${items}), lambda ${a}, ${x}: ${next})`
  const items = `list_transform(${list}, lambda ${x}: ${pack(`CAST(NULL AS ${to})`, x)})`
  const first = pack(initial, `CAST(NULL AS ${from})`)
  const sql = isOne ? reduced(initial, list, body) : `${reduced(first, items, pack(body, `${x}.x`))}.a`
  return tree.list.type.nullable ? `CASE WHEN ${list} IS NOT NULL THEN ${sql} END` : sql
}

const elementType = (of: Expression): Type => (of.type as ListType).of

/** A list and a value to look for in it, as values of one type. */
function alike(
  of: Expression,
  value: Expression,
  printing: Printing,
): readonly [list: string, value: string] {
  const element = elementType(of)
  const list = printing.print(of)
  if (value.type.kind === 'null') return [list, `CAST(NULL AS ${duckdbType(element)})`]
  if (!isNumeric(element) || (element.kind !== 'number' && isInteger(value)))
    return [list, printing.print(value)]
  return [castTo(list, listOf(element), listOf(numberOf('any'))), doubleOrNull(value, printing)]
}

/** NaN is found, and 0 is -0: as for DuckDB. NULL it does not find. */
export const listIncludes: Form = ([of, value], printing) => {
  const [list, sought] = alike(of!, value!, printing)
  if (!value!.type.nullable) return `list_contains(${list}, ${sought})`
  return onceEach(
    [list, sought],
    printing,
    (l, x) =>
      `CASE WHEN ${x} IS NULL THEN (len(list_filter(${l}, lambda ds_found: ds_found IS NULL)) > 0) ` +
      `ELSE list_contains(${l}, ${x}) END`,
  )
}

/** NaN is not found, but NULL is. */
const find =
  (last: boolean): Form =>
  ([of, value], printing) =>
    onceEach(alike(of!, value!, printing), printing, (list, x) => {
      const place = placeOf(list, x, last)
      if (!mayBeNaN(value!)) return place
      return `CASE WHEN ${x} = ${NAN} AND ${list} IS NOT NULL THEN -1::BIGINT ELSE ${place} END`
    })

/** An index counted from the end where it is negative, and never outside of the list. */
const fromEnd = (list: string, at: string): string =>
  /^\d+$/.test(at)
    ? `least(${at}, len(${list}))`
    : `CASE WHEN ${at} < 0 THEN greatest(len(${list}) + ${at}, 0) ELSE least(${at}, len(${list})) END`

const slice: Form = ([of, from, to], printing) =>
  once(printing.print(of!), printing, (list) => {
    const begin = once(indexOf(from!, printing), printing, (at) => fromEnd(list, at))
    const end = to ? once(indexOf(to, printing), printing, (at) => fromEnd(list, at)) : `len(${list})`
    return `list_slice(${list}, ${begin} + 1, ${end})`
  })

const at: Form = ([of, place], printing) =>
  onceEach([printing.print(of!), indexOf(place!, printing)], printing, (list, i) =>
    /^\d+$/.test(i) ? `(${list})[${i} + 1]` : `(${list})[CASE WHEN ${i} < 0 THEN ${i} ELSE ${i} + 1 END]`,
  )

/** `list[place]`: only an integer that is not negative is the name of an element. */
const element: Form = ([of, place], printing) => {
  const list = printing.print(of!)
  // The element 0 of DuckDB is none.
  const extracted = once(
    indexOf(place!, printing),
    printing,
    (i) => `(${list})[${/^\d+$/.test(i) ? `${i} + 1` : `CASE WHEN ${i} < 0 THEN 0 ELSE ${i} + 1 END`}]`,
  )
  if (isInteger(place!)) return extracted
  // Between -1 and 0 the index is cut to 0. NaN and infinity less themselves are NaN.
  return once(
    double(place!, printing),
    printing,
    (x) => `CASE WHEN ${x} - trunc(${x}) = 0 THEN ${extracted} END`,
  )
}

/** DuckDB leaves NULL out, and JavaScript writes nothing for it. */
const join: Form = ([of, separator], printing) => {
  const [list, element] = [printing.print(of!), elementType(of!)]
  const joined = (texts: string) => `array_to_string(${texts}, ${printing.print(separator!)})`
  if (element.kind === 'string' && !element.nullable) return joined(list)
  const number = printing.names++
  const [id, name] = [-1 - number, `ds_value${number}`]
  printing.variables.set(id, name)
  const item: Expression = { kind: 'variable', id, type: element }
  const text = element.kind === 'string' ? name : toText(item, printing)
  return joined(`list_transform(${list}, lambda ${name}: coalesce(${text}, ''))`)
}

/** DuckDB's `list_concat` takes a NULL for an empty list. */
const concat: Form = (args, { print }, { type }) => {
  const lists = args.map((each) => castTo(print(each), nonNull(each.type), nonNull(type)))
  const joined = lists.length === 1 ? lists[0]! : `list_concat(${lists.join(', ')})`
  return args[0]!.type.nullable ? `CASE WHEN ${print(args[0]!)} IS NOT NULL THEN ${joined} END` : joined
}

const simple =
  (name: string): Form =>
  ([of], { print }) =>
    `${name}(${print(of!)})`

export const LIST_FORMS: Omit<Forms<ListCallee>, 'includes'> = {
  'list.length': simple('len'),
  'list.indexOf': find(false),
  'list.lastIndexOf': find(true),
  'list.slice': slice,
  'list.at': at,
  'list.element': element,
  'list.join': join,
  'list.flat': simple('flatten'),
  'list.concat': concat,
  'list.reverse': simple('list_reverse'),
  'list.sort': simple('list_sort'),
}
