#!/usr/bin/env node
/** The command `dstreams`. What a command needs is loaded when it is asked for, so that it starts fast. */
import { readFile } from 'node:fs/promises'
import { type CommandLine, readCommandLine } from './command-line.ts'
import { reportError } from './report.ts'

async function main(args: readonly string[]): Promise<number> {
  process.setSourceMapsEnabled(true)
  let isVerbose = args.includes('--verbose')
  try {
    const line = readCommandLine(args)
    isVerbose = line.verbose
    return await perform(line)
  } catch (error) {
    return reportError(error, isVerbose)
  }
}

async function perform(line: CommandLine): Promise<number> {
  switch (line.command) {
    case 'run':
      return (await import('./run.ts')).runCommand(line)
    case 'explain':
      return (await import('./explain.ts')).explainCommand(line)
    case 'help':
      process.stdout.write((await import('./help.ts')).helpText())
      return 0
    case 'version':
      process.stdout.write(`${await version()}\n`)
      return 0
    default:
      return line.command satisfies never
  }
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => process.exit(reportError(error, process.argv.includes('--verbose'))))

const status = await main(process.argv.slice(2))
// what is still open (an engine's threads, standard input) must not keep a job that has ended alive
process.stdout.write('', () => process.exit(status))
