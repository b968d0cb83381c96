/** The facts of a running job as text: one line per interval, and one for the whole run. */
import type { IntervalEvent, Summary } from '../run/events.ts'

/** `interval 12: 3,214 records, 45 ms, total delay 60 ms, backlog 0` */
export function factsText({
  interval,
  records,
  rejects,
  processingMs,
  totalDelayMs,
  backlog,
}: IntervalEvent): string {
  const facts = [
    plural(records, 'record'),
    ...(rejects > 0 ? [plural(rejects, 'reject')] : []),
    millisecondsText(processingMs),
    `total delay ${millisecondsText(totalDelayMs)}`,
    `backlog ${backlog}`,
  ]
  return `interval ${interval.index}: ${facts.join(', ')}`
}

const REASONS: Record<Summary['reason'], string> = {
  stopped: 'stopped',
  drained: 'everything was read',
  until: 'as many intervals as were asked for',
}

/** `31 intervals, 96,420 records, 2 rejects in 31.2 s (stopped)` */
export function summaryText({ intervals, records, rejects, elapsedMs, reason }: Summary): string {
  const counts = [
    plural(intervals, 'interval'),
    plural(records, 'record'),
    ...(rejects > 0 ? [plural(rejects, 'reject')] : []),
  ]
  return `${counts.join(', ')} in ${(elapsedMs / 1000).toFixed(1)} s (${REASONS[reason]})`
}

const plural = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`

const millisecondsText = (ms: number): string =>
  `${ms.toLocaleString('en-US', { maximumFractionDigits: ms < 10 ? 1 : 0 })} ms`
