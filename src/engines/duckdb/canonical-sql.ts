/** The value that stands for all values of a key: `-0` is 0 (schema/order.ts). */
import type { Type } from '../../schema/type.ts'

export function canonical(sql: string, type: Type, depth = 0): string {
  if (!holdsNumber(type)) return sql
  if (type.kind === 'number') return `(${sql} + 0.0::DOUBLE)`
  const item = `ds_key${depth}`
  if (type.kind === 'list')
    return `list_transform(${sql}, lambda ${item}: ${canonical(item, type.of, depth + 1)})`
  if (type.kind !== 'struct') return sql
  const fields = type.fields.map(
    (field, index) => `f${index} := ${canonical(`struct_extract(${sql}, 'f${index}')`, field.type, depth)}`,
  )
  const packed = `struct_pack(${fields.join(', ')})`
  return type.nullable ? `CASE WHEN ${sql} IS NULL THEN NULL ELSE ${packed} END` : packed
}

function holdsNumber(type: Type): boolean {
  if (type.kind === 'list') return holdsNumber(type.of)
  if (type.kind === 'struct') return type.fields.some((field) => holdsNumber(field.type))
  return type.kind === 'number'
}
