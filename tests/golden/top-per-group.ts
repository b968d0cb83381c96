import { asc, collect, desc, first, last, topK } from '../../src/index.ts'
import type { Golden } from './golden.ts'

interface Play {
  readonly team: string
  readonly player: string
  readonly points: number
}

/** The best two of each team, per interval and over all time; and what looks at the order of arrival. */
export const topPerGroup: Golden = {
  title: 'top per group, first, last and collect',
  inputs: {
    plays: {
      format: 'csv',
      schema: { team: 'string', player: 'string', points: 'integer' },
      files: [
        'team,player,points\nred,ann,3\nblue,bob,1\nred,cid,5\nred,dan,3\n',
        'player,points,team,note\r\n"eve, jr",4,blue,?\r\nfay,9,red,\r\nbob,2,blue,\r\n',
      ],
    },
  },
  define: (from, to) => {
    const plays = from('plays')
    plays
      .groupBy(
        (play: Play) => ({ team: play.team }),
        (play: Play) => ({ player: play.player, points: play.points }),
      )
      .top(
        2,
        desc((play: Pick<Play, 'player' | 'points'>) => play.points),
      )
      .to('best now', to('best now'))
    plays
      .groupBy((play: Play) => ({ team: play.team }))
      .aggregate({
        best: topK(
          2,
          desc((play: Play) => play.points),
          asc((play: Play) => play.player),
        ),
        first: first((play: Play) => play.player),
        last: last((play: Play) => play.points),
        all: collect((play: Play) => play.points),
      })
      .running()
      .to('ever', to('ever'))
  },
  expected: {
    'best now': {
      intervals: [
        [
          // ann and dan have 3 points each: ties by all fields
          {
            team: 'red',
            top: [
              { player: 'cid', points: 5 },
              { player: 'ann', points: 3 },
            ],
          },
          { team: 'blue', top: [{ player: 'bob', points: 1 }] },
        ],
        [
          {
            team: 'blue',
            top: [
              { player: 'eve, jr', points: 4 },
              { player: 'bob', points: 2 },
            ],
          },
          { team: 'red', top: [{ player: 'fay', points: 9 }] },
        ],
      ],
    },
    ever: {
      intervals: [
        [
          {
            team: 'red',
            best: [
              { team: 'red', player: 'cid', points: 5 },
              { team: 'red', player: 'ann', points: 3 },
            ],
            first: 'ann',
            last: 3,
            all: [3, 5, 3],
          },
          {
            team: 'blue',
            best: [{ team: 'blue', player: 'bob', points: 1 }],
            first: 'bob',
            last: 1,
            all: [1],
          },
        ],
        [
          {
            team: 'red',
            best: [
              { team: 'red', player: 'fay', points: 9 },
              { team: 'red', player: 'cid', points: 5 },
            ],
            first: 'ann',
            last: 9,
            all: [3, 5, 3, 9],
          },
          {
            team: 'blue',
            best: [
              { team: 'blue', player: 'eve, jr', points: 4 },
              { team: 'blue', player: 'bob', points: 2 },
            ],
            first: 'bob',
            last: 2,
            all: [1, 4, 2],
          },
        ],
      ],
    },
  },
}
