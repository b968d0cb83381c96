/** Both engines keep the contract of engines, without gaps. */
import { DuckDBEngine } from '../../src/engines/duckdb/engine.ts'
import { MemoryEngine } from '../../src/engines/memory/engine.ts'
import { engineContract } from '../contracts/engine.ts'

engineContract({ name: 'memory', make: () => new MemoryEngine() })
engineContract({ name: 'duckdb', make: () => new DuckDBEngine() })
