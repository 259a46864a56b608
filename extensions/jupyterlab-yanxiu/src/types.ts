/** What the server extension answers (src/jupyterlab_yanxiu/api.py). No logic. */

import type { IText } from './words';

export interface ITask {
  id: string;
  title: IText;
  done: boolean;
}

export interface IFolder {
  name: string;
  path: string;
  notebook: string | null;
  tasks: ITask[];
}

export interface IReceipt {
  receipt: string;
  attempt: number;
  received_at: string;
  late: boolean;
  url: string;
}

export interface IJob {
  state: 'none' | 'interrupted' | 'packing' | 'sending' | 'done' | 'failed';
  sent: number;
  total: number;
  notes: string[];
  receipt: IReceipt | null;
  error: { code: string; message: string; again: boolean } | null;
}

export interface IConfirm {
  state: 'confirm';
  missing: IText[];
}

/** One unit: what records says, and what lies in the home. Times are ISO 8601. */
export interface IUnit {
  assignment: string;
  course: string;
  unit: string;
  /** The competence point that goes before the title, such as A1. */
  point: string | null;
  title: IText;
  state: string;
  /** Null as long as no result was released. */
  passed: boolean | null;
  opens_at: string | null;
  due_at: string;
  late_until: string | null;
  attempts: number | null;
  max_attempts: number | null;
  folder: IFolder | null;
  newer: boolean;
  others: IFolder[];
  submit: IJob;
}

/** Minutes until an idle server stops (0: never), and the seconds that are left of them. */
export interface IIdle {
  minutes: number;
  left_s: number | null;
}

/** Something to be told while it holds: that the server is about to end, that a disk is full. */
export interface INotice {
  id: string;
  text: string;
}

export interface IUnits {
  units: IUnit[];
  portal: string;
  idle: IIdle;
  notices: INotice[];
  now: string;
}

export interface IFeedbackTask {
  id: string;
  title: IText | string;
  points: number | null;
  max: number;
  message?: IText | string | null;
  comment?: string | null;
}

export interface IFeedback {
  released: boolean;
  total_points: number;
  passed: boolean;
  tasks: IFeedbackTask[];
  comment?: string | null;
}

/** Of a notebook: whose it is (null: no unit's), and which cells may run by themselves. */
export interface ICourseCells {
  assignment: string | null;
  sources: string[];
}

/** What the panel asks its server; `api.ts` does it over HTTP. */
export interface IApi {
  units(): Promise<IUnits>;
  tasks(assignment: string): Promise<ITask[]>;
  open(assignment: string, choice: '' | 'keep' | 'beside'): Promise<string>;
  choose(assignment: string, folder: string): Promise<string>;
  submit(assignment: string, confirmed: boolean): Promise<IJob | IConfirm>;
  job(assignment: string): Promise<IJob>;
  feedback(assignment: string): Promise<IFeedback>;
  courseCells(path: string): Promise<ICourseCells>;
  idle(): Promise<IIdle>;
  here(): Promise<IIdle>;
}

/** Something went wrong; `message` is a sentence for the person in front of the screen. */
export class Trouble extends Error {
  constructor(
    message: string,
    readonly code: string
  ) {
    super(message);
  }
}
