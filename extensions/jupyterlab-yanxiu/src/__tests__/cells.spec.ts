import { courseCells } from '../cells';

const TASK = 'import worksheet\n\nworksheet.task("clean")';
const LOCKED = { locked: true, grade: false, solution: false };

test.each([
  ['as it was handed out', { type: 'code', source: TASK, nbgrader: LOCKED }, true],
  ['one character changed', { type: 'code', source: `${TASK} `, nbgrader: LOCKED }, false],
  [
    'marked as locked by a stranger',
    { type: 'code', source: 'evil()', nbgrader: LOCKED },
    false
  ],
  [
    'the same words in a cell of one’s own',
    { type: 'code', source: TASK, nbgrader: undefined },
    false
  ],
  ['not locked', { type: 'code', source: TASK, nbgrader: { ...LOCKED, locked: false } }, false],
  [
    'a test of the work',
    { type: 'code', source: TASK, nbgrader: { ...LOCKED, grade: true } },
    false
  ],
  [
    'a place for a solution',
    { type: 'code', source: TASK, nbgrader: { ...LOCKED, solution: true } },
    false
  ],
  ['a text', { type: 'markdown', source: TASK, nbgrader: LOCKED }, false]
])('a cell %s runs by itself: see the table', (_, cell, runs) => {
  expect(courseCells([{ ...cell, shown: false }], [TASK])).toEqual(runs ? [0] : []);
});

test('what is shown by a running kernel is left alone, the rest is run', () => {
  const cell = { type: 'code', source: TASK, nbgrader: LOCKED };
  expect(
    courseCells(
      [
        { ...cell, shown: true },
        { ...cell, shown: false }
      ],
      [TASK]
    )
  ).toEqual([1]);
});
