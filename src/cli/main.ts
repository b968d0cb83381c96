#!/usr/bin/env node
/** The command `dstreams`. What a command needs is loaded when it is asked for, so that it starts fast. */
import { readFile } from 'node:fs/promises'
import { type CommandLine, readCommandLine } from './command-line.ts'
import { reportError } from './report.ts'
import { StandardOutput } from './standard-output.ts'

async function main(args: readonly string[]): Promise<number> {
  process.setSourceMapsEnabled(true)
  const output = new StandardOutput()
  try {
    await perform(readCommandLine(args), output)
    await output.flush()
    return 0
  } catch (error) {
    return reportError(error, args.includes('--verbose'))
  }
}

async function perform(line: CommandLine, output: StandardOutput): Promise<void> {
  switch (line.command) {
    case 'run':
      return (await import('./run.ts')).runCommand(line, output)
    case 'explain':
      return (await import('./explain.ts')).explainCommand(line, output)
    case 'help':
      return output.print((await import('./help.ts')).helpText())
    case 'version':
      return output.print(`${await version()}\n`)
    default:
      line.command satisfies never
  }
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => process.exit(reportError(error, process.argv.includes('--verbose'))))

// what is still open (an engine's threads, standard input) must not keep a job that has ended alive
process.exit(await main(process.argv.slice(2)))
