/** Timing of contestants in turn, A B C A B C ..., so that a drift of the machine's speed meets all alike. */

/**
 * @param contestants functions by name; each returns something that is compared, so that all did the same work
 * @returns the median of each in milliseconds
 */
export async function inTurn(contestants, { rounds = 5, warmups = 1, same = true } = {}) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]))
  const results = {}
  for (let round = -warmups; round < rounds; round++)
    for (const [name, contestant] of Object.entries(contestants)) {
      const start = performance.now()
      results[name] = await contestant()
      if (round >= 0) times[name].push(performance.now() - start)
    }
  const texts = new Set(Object.values(results).map((result) => JSON.stringify(result)))
  if (same && texts.size > 1) throw new Error(`the contestants disagree: ${JSON.stringify(results)}`)
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]))
}

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
