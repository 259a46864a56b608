/** Units, and a server and a JupyterLab that only remember what they were asked. */

import { PanelModel, type IDocuments } from '../model';
import {
  Trouble,
  type IApi,
  type IFeedback,
  type IJob,
  type IUnit,
  type IUnits
} from '../types';
import { Words, type Language } from '../words';

export const NOW = '2026-03-10T09:00:00+08:00';

export const NO_JOB: IJob = {
  state: 'none',
  sent: 0,
  total: 0,
  notes: [],
  receipt: null,
  error: null
};

export const RECEIPT = {
  receipt: 'YX-2026-0001',
  attempt: 1,
  received_at: '2026-03-10 09:00:01',
  late: false,
  url: '/services/records/receipts/1'
};

export function unit(changes: Partial<IUnit> = {}): IUnit {
  return {
    assignment: 'a-1',
    course: 'xinxi2',
    unit: 'a1',
    point: 'A1',
    title: { zh_CN: '学情分析', en: 'Learner analysis' },
    state: 'open',
    passed: null,
    opens_at: '2026-03-01T00:00:00+08:00',
    due_at: '2026-03-20T23:59:00+08:00',
    late_until: '2026-03-27T23:59:00+08:00',
    attempts: 0,
    max_attempts: 3,
    folder: null,
    newer: false,
    others: [],
    submit: NO_JOB,
    ...changes
  };
}

export function opened(changes: Partial<IUnit> = {}): IUnit {
  const tasks = [
    { id: 'clean', title: { zh_CN: '数一数', en: 'Count' }, done: true },
    { id: 'plan', title: { zh_CN: '写方案', en: 'Plan' }, done: false }
  ];
  const folder = { name: 'a1', path: '研修/a1', notebook: 'a1.ipynb', tasks };
  return unit({ folder, ...changes });
}

export function answer(...units: IUnit[]): IUnits {
  return {
    units,
    portal: '/services/records/',
    idle: { minutes: 120, left_s: 7200 },
    notices: [],
    now: NOW
  };
}

/** Everything works, and `asked` says what was asked. A test replaces what it is about. */
export function server(...units: IUnit[]): IApi & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    units: async () => (asked.push('units'), answer(...units)),
    tasks: async () => [],
    open: async (_, choice) => (asked.push(`open ${choice}`), '研修/a1/a1.ipynb'),
    choose: async (_, folder) => (asked.push(`choose ${folder}`), `研修/${folder}/a1.ipynb`),
    submit: async (_, confirmed) => {
      asked.push(`submit ${confirmed}`);
      return { ...NO_JOB, state: 'done', receipt: RECEIPT };
    },
    job: async () => NO_JOB,
    feedback: async () => ({}) as IFeedback,
    courseCells: async () => ({ assignment: null, sources: [] }),
    idle: async () => ({ minutes: 120, left_s: 7200 }),
    here: async () => ({ minutes: 120, left_s: 7200 })
  };
}

export interface ILab extends IDocuments {
  asked: string[];
}

export function lab(changes: Partial<IDocuments> = {}): ILab {
  const asked: string[] = [];
  return {
    asked,
    dirty: () => null,
    save: async path => void asked.push(`save ${path}`),
    open: path => void asked.push(`open ${path}`),
    showFeedback: () => void asked.push('feedback'),
    ...changes
  };
}

export async function modelOf(
  api: IApi,
  documents: IDocuments = lab(),
  language: Language = 'zh_CN'
): Promise<PanelModel> {
  const model = new PanelModel(api, documents, new Words(language), async () => undefined);
  await model.refresh();
  return model;
}

export function trouble(message: string): () => Promise<never> {
  return () => Promise.reject(new Trouble(message, 'x'));
}
