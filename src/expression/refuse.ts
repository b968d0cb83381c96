/**
 * How a lambda is refused: the rules throw `Refused` at the syntax node that can't be kept exactly, and `compile`
 * turns it into a `Refusal`. It never leaves this folder.
 */
import type { Node } from 'acorn'

export class Refused extends Error {
  readonly node: Node
  readonly why: string
  readonly cure: string

  constructor(node: Node, why: string, cure: string) {
    super(why)
    this.node = node
    this.why = why
    this.cure = cure
  }
}

/** What always helps: nothing, for what is not compiled is called as it is. */
export const AS_IT_IS = 'leave it, and the function runs as JavaScript'

/** Stops compiling at `node`. Both texts are sentences without their first capital and full stop. */
export function refuse(node: Node, why: string, cure: string = AS_IT_IS): never {
  throw new Refused(node, sentence(why), sentence(cure))
}

/** Begins with a capital, unless the sentence begins with code, and ends with a full stop. */
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
