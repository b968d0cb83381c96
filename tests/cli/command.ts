/** The command `dstreams` as a process of its own, as users have it. Needs `npm run build` before. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')
export const MAIN = join(ROOT, 'dist', 'cli', 'main.js')

if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run npm run build first`)

export interface Ended {
  readonly status: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** Settles when standard output, or standard error, holds the text. */
  shows(text: string | RegExp, stream?: 'stdout' | 'stderr'): Promise<void>
}

/** Starts `dstreams` with arguments. */
export function start(
  args: readonly string[],
  { cwd = ROOT, input }: { cwd?: string; input?: string } = {},
): Running {
  const startMs = performance.now()
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  let onText = (): void => {}
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (piece: string) => {
      text[stream] += piece
      onText()
    })
  child.stdin.on('error', () => {})
  if (input !== undefined) child.stdin.end(input)
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (status, signal) => {
      onText()
      resolve({ status, signal, ...text, elapsedMs: performance.now() - startMs })
    }),
  )
  return {
    process: child,
    ended,
    shows: (wanted, stream = 'stdout') =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (typeof wanted === 'string' ? text[stream].includes(wanted) : wanted.test(text[stream]))
            resolve()
          else if (child.exitCode !== null)
            reject(new Error(`ended without ${wanted}: ${JSON.stringify(text)}`))
        }
        onText = check
        check()
      }),
  }
}

/** Runs `dstreams` to its end. */
export const dstreams = (
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
): Promise<Ended> => start(args, { input: '', ...options }).ended
