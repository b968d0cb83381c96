/** A directory with the small inputs that the documentation's jobs read. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const CLICKS = [
  { user: 'ada', country: 'ch', ms: 120, at: '2026-01-05T08:00:00Z', referrer: 'a.example/x', tags: ['new'] },
  { user: 'bob', country: 'de', ms: 80.5, at: 1767600001000, referrer: null, tags: [] },
  { user: 'ada', country: 'ch', ms: 900, at: 1767600002000, tags: ['new', 'paid'] },
  { user: 'c', country: 'fr', ms: 510, at: 1767600003000, referrer: 'b.example', tags: ['paid'] },
]
const ORDERS = [
  { id: 'o1', customer: 'ada', price: 4.5, items: 1 },
  { id: 'o2', customer: 'bob', price: 19.9, items: 2 },
  { id: 'o3', customer: 'ada', price: 'four', items: 1 },
  { id: 'o4', customer: 'ada', price: 30, items: 3 },
]
const LOG = ['08:00:01 INFO started', '08:00:02 ERROR payment timed out', '08:00:03 INFO to be or not to be']

const ndjson = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

const FILES: Readonly<Record<string, string>> = {
  'in/clicks.ndjson': ndjson(CLICKS),
  'in/orders.ndjson': ndjson(ORDERS),
  'in/cities.csv': 'id,city\n1,Bern\n2,\nx,Nowhere\n',
  'logs/app.log': `${LOG.join('\n')}\n`,
  'logs/web.log': '08:00:05 ERROR no such page\n',
}

/** Writes the inputs into a directory. */
export async function writeInput(directory: string): Promise<void> {
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
}

/** Parameters for the jobs that take some. */
export const PARAMETERS = { input: 'logs/*.log' } as const
