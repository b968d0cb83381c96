/**
 * Reducers that are sums: `(acc, e) => ({ n: acc.n + 1, total: acc.total + e.ms })` adds something of each record to
 * each field of what was reduced, and can be computed as sums, in any order.
 */
import { isNumeric, nonNull } from '../schema/type.ts'
import { type Compilation, children, type Expression } from './tree.ts'
import { numberLiteral } from './value.ts'

/** What a reducer adds to one field. */
export interface FieldSum {
  readonly field: string
  /** A number, never null, of the second input only. */
  readonly added: Expression
}

/**
 * What a reducer of a record adds to each of its fields, if that is all it does.
 *
 * The sums have the reducer's meaning where its guard holds, which is a condition of the second input only.
 */
export function sumsOf(compilation: Compilation): readonly FieldSum[] | undefined {
  if (!compilation.ok || compilation.body.kind !== 'struct') return undefined
  if (compilation.guard && readsReduced(compilation.guard)) return undefined
  const sums: FieldSum[] = []
  for (const { name, value } of compilation.body.fields) {
    const added = addedTo(name, value)
    if (!added) return undefined
    sums.push({ field: name, added })
  }
  return sums
}

/** What is added to the field, if the value is the sum of the two. */
function addedTo(field: string, value: Expression): Expression | undefined {
  if (value.kind !== 'arithmetic' || value.op !== '+') return undefined
  const { left, right } = value
  const added = isFieldOfReduced(left, field) ? right : isFieldOfReduced(right, field) ? left : undefined
  if (!added || readsReduced(added)) return undefined
  if (!added.type.nullable) return added
  // Null counts as 0.
  return {
    kind: 'logical',
    op: '??',
    left: added,
    right: numberLiteral(0).tree,
    type: nonNull(added.type),
  }
}

const isFieldOfReduced = (tree: Expression, field: string): boolean =>
  tree.kind === 'property' &&
  tree.name === field &&
  tree.of.kind === 'input' &&
  tree.of.index === 0 &&
  isNumeric(tree.type) &&
  !tree.type.nullable

const readsReduced = (tree: Expression): boolean =>
  (tree.kind === 'input' && tree.index === 0) || children(tree).some(readsReduced)
