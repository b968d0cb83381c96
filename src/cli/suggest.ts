/** The name that was probably meant. */

/** ` Did you mean --engine?` for `--engin`; nothing where no name is near. */
export function didYouMean(given: string, names: readonly string[]): string {
  const nearest = names
    .map((name) => ({ name, distance: distance(given, name) }))
    .filter((candidate) => candidate.distance <= Math.max(2, Math.floor(candidate.name.length / 3)))
    .sort((a, b) => a.distance - b.distance)[0]
  return nearest ? ` Did you mean ${nearest.name}?` : ''
}

/** How many letters have to be put in, left out or changed to make one text the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
