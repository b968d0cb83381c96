/**
 * Code blocks of the documentation, and what each is.
 *
 * - `ts` with `export default job(`: a job file. It is run on both engines until it is drained.
 * - `ts` with an `import` and no default export: a program. It is run once.
 * - other `ts`: statements inside a job, with `clicks`, `orders` and `words` (docs/model.md). Run on both engines.
 * - `text output` after one of these: what it prints on standard output, whatever the time.
 * - `sh`: commands, one a line.
 *
 * `// not run: reason` in a block has it type-checked only.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Block {
  readonly kind: 'job' | 'program' | 'statements'
  /** `docs/model.md:70`. */
  readonly place: string
  /** As a file of its own. */
  readonly text: string
  /** Lines that were put before the block's own. */
  readonly added: number
  readonly notRun: string | undefined
  readonly output: string | undefined
}

export interface Command {
  readonly place: string
  readonly line: string
}

interface Fence {
  readonly info: string
  readonly text: string
  readonly place: string
}

/** Every page of the documentation, relative to the project. */
export function pages(root: string): readonly string[] {
  const names = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  return ['README.md', ...names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)].sort()
}

function fencesOf(root: string, page: string): readonly Fence[] {
  const lines = readFileSync(join(root, page), 'utf8').split('\n')
  const fences: Fence[] = []
  let opened: { info: string; line: number } | undefined
  for (const [index, line] of lines.entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (!fence) continue
    if (opened) {
      const text = `${lines.slice(opened.line, index).join('\n')}\n`
      fences.push({ info: opened.info, text, place: `${page}:${opened.line}` })
      opened = undefined
    } else opened = { info: fence[1]!.trim(), line: index + 1 }
  }
  if (opened) throw new Error(`${page}:${opened.line}: a code block is not closed`)
  return fences
}

/** The kinds of blocks there may be. */
const INFOS = ['ts', 'sh', 'text', 'text output']

/** The blocks and commands of all pages. */
export function readDocumentation(root: string): { blocks: readonly Block[]; commands: readonly Command[] } {
  const blocks: Block[] = []
  const commands: Command[] = []
  for (const page of pages(root)) {
    const fences = fencesOf(root, page)
    for (const [index, { info, text, place }] of fences.entries()) {
      if (!INFOS.includes(info))
        throw new Error(`${place}: a block is one of ${INFOS.join(', ')}, not "${info}"`)
      if (info === 'sh')
        commands.push(
          ...text
            .split('\n')
            .filter((line) => line.trim() !== '' && !line.startsWith('#'))
            .map((line) => ({ place, line })),
        )
      if (info !== 'ts') continue
      const next = fences[index + 1]
      blocks.push(blockOf(place, text, next?.info === 'text output' ? next.text : undefined))
    }
  }
  return { blocks, commands }
}

function blockOf(place: string, text: string, output: string | undefined): Block {
  const notRun = /\/\/ not run: (.+)/.exec(text)?.[1]
  const common = { place, notRun, output }
  if (/^export default job\(/m.test(text)) return { ...common, kind: 'job', text, added: 0 }
  if (/^import /m.test(text)) return { ...common, kind: 'program', text, added: 0 }
  return { ...common, kind: 'statements', text: `${BEFORE}${text}})\n`, added: BEFORE.split('\n').length - 1 }
}

const BEFORE = `
import {
  asc, collect, count, countDistinct, desc, first, fromArray, job, last, max, mean, min, ndjsonFiles, stdout, sum, topK,
  variance,
} from 'dstreams'

const click = { user: 'string', country: 'string', ms: 'number', at: 'timestamp', referrer: 'string?', tags: 'string[]' } as const
const order = { id: 'string', customer: 'string', price: 'number', items: 'integer' } as const
export const available = { asc, collect, count, countDistinct, desc, first, last, max, mean, min, sum, topK, variance }

export default job('statements', { interval: '1s' }, (s) => {
  const clicks = s.from(ndjsonFiles('in/clicks.ndjson', click, { perInterval: { records: 2 } }), 'clicks')
  const orders = s.from(ndjsonFiles('in/orders.ndjson', order, { perInterval: { records: 2 } }), 'orders')
  const words = s.from(fromArray(['to', 'be', 'or', 'not', 'to', 'be'], 'string', { cut: [2, 2, 2] }), 'words')
  void [clicks, orders, words, stdout]
`
