/**
 * An expression as SQL text, through a dialect.
 *
 * Physical names carry no user text: the columns of a record are `c0, c1, ...` in the order of its struct's fields
 * (a record that is not a struct is the one column `c0`), the fields of a nested struct are `f0, f1, ...`.
 * Literals from the user's program become parameters, never text.
 */
import type { Expression } from './tree.ts'

/** Collects the parameters of one statement while its text is printed. */
export class Parameters {
  readonly values: unknown[] = []

  /** Adds a value and returns its placeholder. */
  add(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** How one engine writes expressions. Everything else about SQL lives in that engine's folder. */
export interface ExpressionDialect {
  /**
   * Prints an expression.
   * @param inputs the SQL of each input of the lambda: for a struct input its columns, otherwise the one value.
   */
  expression(expression: Expression, inputs: readonly InputColumns[], parameters: Parameters): string
}

/** What stands for a lambda's input in the text: the columns of a record, or one value. */
export type InputColumns =
  | { readonly kind: 'columns'; readonly columns: readonly string[] }
  | { readonly kind: 'value'; readonly sql: string }
