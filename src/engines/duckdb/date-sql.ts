/**
 * The parts of dates in DuckDB's SQL, from epoch milliseconds in UTC. The lambda's guard asks whether the date is
 * valid; where it is not, a form may give anything but must not fail.
 */
import type { Condition, DateCallee } from '../../expression/callee.ts'
import type { Expression } from '../../expression/tree.ts'
import { double, type Form, type Forms, isInteger, javascript, once, type Printing } from './printing.ts'

/** The last millisecond of a valid date, and, negative, the first. */
const LAST = 8_640_000_000_000_000
const DAY = 86_400_000

/** The milliseconds as BIGINT, cut to an integer. Safe integers are all within DuckDB's timestamps. */
function milliseconds(tree: Expression, printing: Printing): string {
  const sql = printing.print(tree)
  if (isInteger(tree)) return sql
  return once(
    sql,
    printing,
    (ms) => `CASE WHEN abs(${ms}) > ${LAST}::DOUBLE THEN 0 ELSE CAST(trunc(${ms}) AS BIGINT) END`,
  )
}

const ofTime =
  (form: (ms: string) => string): Form =>
  ([of], printing) =>
    form(`(${milliseconds(of!, printing)})`)

/** A part of the day, which begins at a multiple of its length before and after 1970 alike. */
const ofDay = (unit: number, units: number): Form =>
  ofTime((ms) => `((((${ms} % ${DAY}) + ${DAY}) % ${DAY}) // ${unit} % ${units})`)

const calendar = (part: string): Form => ofTime((ms) => `${part}(epoch_ms(${ms}))`)

/** From the year 1000 to 9999 a year has four digits in both languages. */
const FOUR_DIGITS = [-30_610_224_000_000, 253_402_300_799_999] as const

export const DATE_FORMS: Forms<DateCallee> = {
  'date.time': ([of], printing) => milliseconds(of!, printing),
  'date.FullYear': calendar('year'),
  'date.Month': ofTime((ms) => `(month(epoch_ms(${ms})) - 1)`),
  'date.Date': calendar('day'),
  'date.Day': calendar('dayofweek'),
  'date.Hours': ofDay(3_600_000, 24),
  'date.Minutes': ofDay(60_000, 60),
  'date.Seconds': ofDay(1000, 60),
  'date.Milliseconds': ofDay(1, 1000),
  'date.toISOString': ([of], printing) =>
    once(milliseconds(of!, printing), printing, (ms) => {
      const own = javascript('iso_date', [], [`CAST(${ms} AS DOUBLE)`])
      const written = `strftime(epoch_ms(${ms}), '%Y-%m-%dT%H:%M:%S.%gZ')`
      return `CASE WHEN ${ms} BETWEEN ${FOUR_DIGITS[0]} AND ${FOUR_DIGITS[1]} THEN ${written} ELSE ${own} END`
    }),
  'Date.UTC': (args, printing) =>
    javascript(
      'utc',
      [],
      args.map((each) => double(each, printing)),
    ),
}

/** Whether a number of milliseconds is a valid date; true of NULL. NaN is the largest number. */
export const isDate: Forms<Condition>['isDate'] = ([of], printing) => {
  const sql = printing.print(of!)
  const test = isInteger(of!)
    ? `(${sql} BETWEEN -${LAST} AND ${LAST})`
    : `(abs(${sql}) < ${LAST + 1}::DOUBLE)`
  return `coalesce(${test}, TRUE)`
}
