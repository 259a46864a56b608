import { Trouble, type IJob } from '../types';
import { lab, modelOf, NO_JOB, opened, RECEIPT, server, trouble, unit } from './support';

const sending = (sent: number): IJob => ({ ...NO_JOB, state: 'sending', sent, total: 100 });
const done: IJob = { ...NO_JOB, state: 'done', receipt: RECEIPT };

test('opening a unit that is not here fetches it, and then shows its folder', async () => {
  const api = server(unit());
  const documents = lab();
  const model = await modelOf(api, documents);
  await model.open(model.units![0]);
  expect(api.asked).toEqual(['units', 'open ', 'units']);
  expect(documents.asked).toEqual(['open 研修/a1/a1.ipynb']);
});

test('a newer version is asked about, and nothing is done before the answer', async () => {
  const api = server(opened({ newer: true }));
  const documents = lab();
  const model = await modelOf(api, documents);
  await model.open(model.units![0]);
  expect(model.activity('a-1').ask).toBe('version');
  expect([...api.asked, ...documents.asked]).toEqual(['units']);
  await model.open(model.units![0], 'beside');
  expect(api.asked).toContain('open beside');
  expect(model.activity('a-1').ask).toBe('');
});

test('the notebook is saved before it is handed in', async () => {
  const asked: string[] = [];
  const api = { ...server(opened()), submit: async () => (asked.push('submit'), done) };
  const model = await modelOf(api, lab({ save: async () => void asked.push('save') }));
  await model.submit(model.units![0]);
  expect(asked).toEqual(['save', 'submit']);
  expect(model.news).toContain('YX-2026-0001');
});

test('what could not be saved is not handed in', async () => {
  const api = server(opened());
  const model = await modelOf(api, lab({ save: trouble('disk') }));
  await model.submit(model.units![0]);
  expect(api.asked).toEqual(['units']);
  expect(model.activity('a-1')).toMatchObject({ busy: '', again: true });
  expect(model.activity('a-1').problem).toContain('还没有提交');
});

test('missing tasks are a question, and saying yes hands in', async () => {
  const api = server(opened());
  const first = api.submit;
  api.submit = async (assignment, confirmed) =>
    confirmed
      ? first(assignment, confirmed)
      : { state: 'confirm', missing: [{ zh_CN: '写方案', en: 'Plan' }] };
  const model = await modelOf(api);
  await model.submit(model.units![0]);
  expect(model.activity('a-1')).toMatchObject({ ask: 'missing', busy: '' });
  expect(api.asked).not.toContain('submit true');
  await model.submit(model.units![0], true);
  expect(api.asked).toContain('submit true');
  expect(model.activity('a-1').ask).toBe('');
});

test('progress is followed to the receipt, over a break of the line', async () => {
  const steps: (IJob | Error)[] = [
    sending(10),
    new Trouble('断了', 'network'),
    sending(60),
    done
  ];
  const seen: number[] = [];
  const api = {
    ...server(opened()),
    submit: async () => sending(0),
    job: async () => {
      const step = steps.shift()!;
      if (step instanceof Error) {
        throw step;
      }
      return step;
    }
  };
  const model = await modelOf(api);
  model.changed.connect(() => void seen.push(model.units![0].submit.sent));
  const before = model.units![0];
  await model.submit(before);
  expect(steps).toEqual([]);
  expect(before.submit).toEqual(done);
  expect(new Set(seen)).toEqual(new Set([0, 10, 60]));
});

test('a submit that failed says why, and another press is no new attempt of ours', async () => {
  const failed: IJob = {
    ...NO_JOB,
    state: 'failed',
    error: { code: 'unreachable', message: '连不上。', again: true }
  };
  const api = { ...server(opened()), submit: async () => failed };
  const model = await modelOf(api);
  const one = model.units![0];
  await model.submit(one);
  expect(one.submit.error?.message).toBe('连不上。');
  expect(model.activity('a-1').busy).toBe('');
});

test('a second press while one is on its way does nothing', async () => {
  let asked = 0;
  let finish = (): void => undefined;
  const gate = new Promise<void>(resolve => (finish = resolve));
  const api = { ...server(opened()), submit: async () => ((asked += 1), await gate, done) };
  const model = await modelOf(api);
  const first = model.submit(model.units![0]);
  await model.submit(model.units![0]);
  finish();
  await first;
  expect(asked).toBe(1);
});

test('a page that was reloaded goes on watching the submit', async () => {
  let asked = 0;
  const api = {
    ...server(opened({ submit: sending(40) })),
    job: async () => ((asked += 1), asked < 3 ? sending(40 + asked) : done)
  };
  const model = await modelOf(api);
  await new Promise(resolve => setTimeout(resolve));
  expect(asked).toBe(3);
  expect(model.news).toContain('YX-2026-0001');
});

test('without an answer what was known stays, with a sentence; the poll hears of it', async () => {
  const api = server(opened());
  const model = await modelOf(api);
  api.units = trouble('连不上。');
  await expect(model.refresh()).rejects.toThrow('连不上。');
  expect(model.problem).toBe('连不上。');
  expect(model.units).toHaveLength(1);
  expect(model.refreshing).toBe(false);
});

test('feedback that cannot be had says so', async () => {
  const documents = lab();
  const api = { ...server(opened()), feedback: trouble('还没有。') };
  const model = await modelOf(api, documents);
  await model.showFeedback(model.units![0]);
  expect(model.activity('a-1').problem).toBe('还没有。');
  expect(documents.asked).toEqual([]);
});

test('counting the tasks anew changes the tasks and nothing else', async () => {
  const one = opened();
  const api = { ...server(one), tasks: async () => [{ ...one.folder!.tasks[1], done: true }] };
  const model = await modelOf(api);
  await model.recount('a-1');
  expect(model.units![0].folder!.tasks.map(task => task.done)).toEqual([true]);
  await model.recount('nobody');
});
