import { badge, canSubmit, deadline, human, titleOf } from '../status';
import { languageOf, Words } from '../words';
import { opened, unit } from './support';

const zh = new Words('zh_CN');
const en = new Words('en');
const at = (text: string): Date => new Date(`${text}+08:00`);

test.each([
  [unit(), '2026-03-10T09:00', '待完成', 'to do'],
  [opened(), '2026-03-10T09:00', '进行中', 'in progress'],
  [unit(), '2026-02-28T23:59', '未开始', 'not open yet'],
  [unit(), '2026-03-27T23:58', '待完成', 'to do'],
  [unit(), '2026-03-28T00:00', '已截止', 'closed'],
  [
    unit({ state: 'queued' }),
    '2026-03-28T00:00',
    '已提交，等待批改',
    'submitted, to be graded'
  ],
  [unit({ state: 'grading' }), '2026-03-10T09:00', '评阅中', 'being graded'],
  [unit({ state: 'waiting' }), '2026-03-10T09:00', '已提交，待批改', 'submitted, to be marked'],
  [unit({ state: 'released', passed: true }), '2026-03-10T09:00', '已通过', 'passed'],
  [unit({ state: 'released', passed: false }), '2026-03-10T09:00', '未通过', 'not passed'],
  // A second attempt is on its way: that is the news, but who has passed has passed.
  [
    unit({ state: 'queued', passed: false }),
    '2026-03-10T09:00',
    '已提交，等待批改',
    'submitted, to be graded'
  ],
  [unit({ state: 'queued', passed: true }), '2026-03-10T09:00', '已通过', 'passed']
])('a unit is called what it is (%#)', (one, now, chinese, english) => {
  expect(badge(one, at(now), zh).text).toBe(chinese);
  expect(badge(one, at(now), en).text).toBe(english);
});

test.each([
  ['2026-03-10T09:00', '截止 03-20 23:59 · 还有 10 天', 'plain'],
  ['2026-03-17T23:58', '截止 03-20 23:59 · 还有 3 天', 'due'],
  // Tomorrow is one day away, whatever the hour.
  ['2026-03-19T23:58', '截止 03-20 23:59 · 还有 1 天', 'due'],
  ['2026-03-20T00:01', '截止 03-20 23:59 · 还有 23 小时', 'due'],
  ['2026-03-20T23:58', '截止 03-20 23:59 · 还有 1 分钟', 'bad'],
  ['2026-03-21T00:00', '已过截止时间，可补交到 03-27 23:59', 'bad'],
  ['2026-03-28T00:00', '已于 03-27 23:59 截止', 'bad'],
  ['2026-02-01T00:00', '2026-03-01'.slice(5) + ' 00:00 开始', 'plain'],
  // Far away: the date says more than a number of days; another year is said.
  ['2025-12-20T00:00', '2026-03-01 00:00 开始', 'plain']
])('at %s the deadline reads %s', (now, text, tone) => {
  expect(deadline(unit(), at(now), zh)).toEqual({ text, tone });
});

test('a deadline years ahead is a date', () => {
  const far = unit({ due_at: '2030-06-30T23:59:00+08:00', late_until: null });
  expect(deadline(far, at('2026-03-10T09:00'), zh)?.text).toBe('截止 2030-06-30 23:59');
});

test('the time is Beijing time, also on a computer that is elsewhere', () => {
  const utc = unit({ due_at: '2026-03-20T15:59:00Z' });
  expect(deadline(utc, at('2026-03-10T09:00'), zh)?.text).toContain('03-20 23:59');
});

test('who has passed has no deadline any more', () => {
  expect(deadline(unit({ passed: true }), at('2026-03-10T09:00'), zh)).toBeNull();
});

test.each([
  [unit(), '2026-03-10T09:00', true],
  [unit(), '2026-02-28T23:59', false],
  [unit(), '2026-03-27T23:58', true],
  [unit(), '2026-03-28T00:00', false],
  [unit({ attempts: 2 }), '2026-03-10T09:00', true],
  [unit({ attempts: 3 }), '2026-03-10T09:00', false],
  [unit({ attempts: 99, max_attempts: null }), '2026-03-10T09:00', true],
  [unit({ passed: true }), '2026-03-10T09:00', false]
])('handing in is offered while it is possible (%#)', (one, now, possible) => {
  expect(canSubmit(one, at(now))).toBe(possible);
});

test.each([
  ['zh_CN', 'zh_CN'],
  ['zh-TW', 'zh_CN'],
  ['en', 'en'],
  ['fr_FR', 'en'],
  ['default', 'en']
])('JupyterLab in %s has the panel in %s', (code, language) => {
  expect(languageOf(code)).toBe(language);
});

test('titles and sizes are for people', () => {
  expect(titleOf(unit(), zh)).toBe('A1 学情分析');
  expect(titleOf(unit({ point: null, title: { zh_CN: '只有中文' } }), en)).toBe('只有中文');
  expect([human(900), human(999_999), human(20_000_000)]).toEqual([
    '0.9 KB',
    '1000.0 KB',
    '20.0 MB'
  ]);
});
