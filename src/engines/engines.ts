/** The engines by name. An engine is loaded when it is asked for, so that a job pays only for its own. */
import { DstreamsError } from '../errors.ts'
import type { Engine } from './engine.ts'

export const ENGINES = ['duckdb', 'memory'] as const

export async function engineOf(name: string): Promise<Engine> {
  switch (name) {
    case 'duckdb':
      return new (await import('./duckdb/engine.ts')).DuckDBEngine()
    case 'memory':
      return new (await import('./memory/engine.ts')).MemoryEngine()
    default:
      throw new DstreamsError('DS_USAGE', {
        what: `There is no engine "${name}".`,
        cure: `The engines are ${ENGINES.join(' and ')}.`,
      })
  }
}
