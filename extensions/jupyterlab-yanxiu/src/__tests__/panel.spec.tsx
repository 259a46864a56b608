import { PageConfig } from '@jupyterlab/coreutils';
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';
import { Feedback } from '../feedback';
import { ExternalLink } from '../link';
import { Panel } from '../panel';
import type { IUnit } from '../types';
import { Words, type Language } from '../words';
import { lab, modelOf, NO_JOB, opened, RECEIPT, server, unit } from './support';

const EVIL = '<img src=x onerror=alert(1)>';

afterEach(cleanup);

async function shown(one: IUnit, language: Language = 'zh_CN'): Promise<HTMLElement> {
  const model = await modelOf(server(one), lab(), language);
  const { container } = render(<Panel model={model} />);
  return container;
}

test('a unit shows title, state, deadline, tasks and what can be done', async () => {
  const panel = await shown(opened());
  expect(screen.getByRole('heading', { name: 'A1 学情分析' })).toBeTruthy();
  for (const text of ['进行中', '截止 03-20 23:59', '做完 1 / 2 题', '写方案']) {
    expect(panel.textContent).toContain(text);
  }
  const names = screen.getAllByRole('button').map(one => one.textContent);
  expect(names).toEqual(['刷新', '打开', '提交']);
  expect(screen.getByRole('img', { name: '未完成' })).toBeTruthy();
});

test('in English nothing is left in Chinese', async () => {
  const panel = await shown(opened({ others: [{ ...opened().folder!, name: 'a1-2' }] }), 'en');
  expect(panel.textContent).not.toMatch(/[\u4e00-\u9fff]/);
  expect(panel.querySelector('section')?.lang).toBe('en');
});

test('what is not here yet can be opened and not handed in', async () => {
  await shown(unit());
  expect(screen.queryByRole('button', { name: '提交' })).toBeNull();
  expect(screen.getByRole('button', { name: '打开' })).toBeTruthy();
});

test('no unit at all says what to do', async () => {
  const model = await modelOf(server());
  const { container } = render(<Panel model={model} />);
  expect(container.textContent).toContain('选好课程以后');
});

test('titles of others are text', async () => {
  const panel = await shown(opened({ title: { zh_CN: EVIL } }));
  expect(panel.querySelector('img')).toBeNull();
  expect(panel.textContent).toContain(EVIL);
});

test('the question about missing tasks takes the focus, and 继续做 hands in nothing', async () => {
  const api = server(opened());
  api.submit = async () => ({ state: 'confirm', missing: [{ zh_CN: '写方案', en: 'Plan' }] });
  const model = await modelOf(api);
  render(<Panel model={model} />);
  await act(async () => fireEvent.click(screen.getByRole('button', { name: '提交' })));
  expect(screen.getByRole('alert').textContent).toBe('还有 1 题没有做完：写方案。');
  expect(document.activeElement?.textContent).toBe('继续做');
  await act(async () => fireEvent.click(screen.getByRole('button', { name: '继续做' })));
  expect(screen.queryByRole('alert')).toBeNull();
});

test('while something is on its way a press does nothing and the focus stays', async () => {
  const api = server(opened());
  let asked = 0;
  api.open = () => ((asked += 1), new Promise(() => undefined));
  render(<Panel model={await modelOf(api)} />);
  const button = screen.getByRole('button', { name: '打开' });
  button.focus();
  await act(async () => fireEvent.click(button));
  await act(async () => fireEvent.click(button));
  expect(asked).toBe(1);
  expect(button.getAttribute('aria-disabled')).toBe('true');
  expect(document.activeElement).toBe(button);
});

test('when a question is answered the focus goes back to its card', async () => {
  const api = server(opened());
  api.submit = async () => ({ state: 'confirm', missing: [{ zh_CN: '写方案', en: 'Plan' }] });
  render(<Panel model={await modelOf(api)} />);
  await act(async () => fireEvent.click(screen.getByRole('button', { name: '提交' })));
  await act(async () => fireEvent.click(screen.getByRole('button', { name: '继续做' })));
  expect(document.activeElement?.textContent).toBe('打开');
});

test('a newer version leaves two ways and neither is taken by itself', async () => {
  const api = server(opened({ newer: true }));
  render(<Panel model={await modelOf(api)} />);
  await act(async () => fireEvent.click(screen.getByRole('button', { name: '打开' })));
  expect(screen.getByRole('alert').textContent).toContain('“a1”不会被改动');
  await act(async () => fireEvent.click(screen.getByRole('button', { name: '继续用我的' })));
  expect(api.asked).toContain('open keep');
});

test('progress is told in bytes, and to a screen reader', async () => {
  const api = server(opened());
  api.submit = async () => ({ ...NO_JOB, state: 'sending', sent: 1_500_000, total: 3_000_000 });
  api.job = () => new Promise(() => undefined);
  render(<Panel model={await modelOf(api)} />);
  await act(async () => fireEvent.click(screen.getByRole('button', { name: '提交' })));
  const bar = screen.getByRole('progressbar', { name: '提交“A1 学情分析”的进度' });
  expect((bar as HTMLProgressElement).value).toBe(50);
  expect(screen.getByText('正在上传 1.5 MB / 3.0 MB（50%）').getAttribute('role')).toBe(
    'status'
  );
});

test('a receipt shows number, time, attempt and the way to its page', async () => {
  const notes = ['改过名', '没有放进去：a'];
  await shown(opened({ submit: { ...NO_JOB, state: 'done', receipt: RECEIPT, notes } }));
  const receipt = screen.getByRole('group', { name: '回执编号' });
  for (const text of ['YX-2026-0001', '2026-03-10 09:00:01', '没有放进去：a', '改过名']) {
    expect(receipt.textContent).toContain(text);
  }
  const link = within(receipt).getByRole('link');
  expect(link.getAttribute('href')).toBe('/services/records/receipts/1');
});

test.each(['interrupted', 'failed'] as const)(
  'a submit that is %s can be tried again',
  async state => {
    const error = state === 'failed' ? { code: 'x', message: '断了。', again: true } : null;
    await shown(opened({ submit: { ...NO_JOB, state, error } }));
    expect(screen.getByRole('alert').textContent).toMatch(/断了。|上次提交没有完成/);
    expect(screen.getByRole('button', { name: '再试一次' })).toBeTruthy();
  }
);

test('a refusal that another try cannot change offers none', async () => {
  const error = { code: 'closed', message: '已经截止。', again: false };
  await shown(opened({ submit: { ...NO_JOB, state: 'failed', error } }));
  expect(screen.queryByRole('button', { name: '再试一次' })).toBeNull();
});

test.each([
  ['/services/records/', true],
  ['https://yanxiu.example/services/records/', true],
  ['https://yanxiu.example.evil.example/', false],
  ['https://yanxiu.example@evil.example/', false],
  ['javascript:alert(1)', false],
  ['//evil.example/', false],
  ['https://evil.example/', false],
  ['', false]
])('a link to %s is shown: %s', (href, is) => {
  PageConfig.setOption('hubHost', 'https://yanxiu.example');
  render(
    <ExternalLink href={href} label="x">
      x
    </ExternalLink>
  );
  expect(screen.queryByRole('link') !== null).toBe(is);
});

test('feedback is text, with points in words and what was not marked', () => {
  const tasks = [
    { id: 'a', title: { zh_CN: '一' }, points: 7.5, max: 8, message: { zh_CN: '再看分母' } },
    { id: 'b', title: '二', points: null, max: 20, comment: EVIL }
  ];
  const feedback = { released: true, total_points: 7.5, passed: false, tasks, comment: EVIL };
  const { container } = render(
    <Feedback unit={unit()} feedback={feedback} words={new Words('zh_CN')} />
  );
  expect(container.querySelector('img')).toBeNull();
  for (const text of ['7.5 / 28 分', '7.5 / 8 分', '– / 20 分', '再看分母', '未通过', EVIL]) {
    expect(container.textContent).toContain(text);
  }
});
