/**
 * The panel's state and what its buttons do.
 *
 * Decides the order of steps (save before submit, ask before a second folder) and what is
 * said. Knows JupyterLab only by `IDocuments`, the server only by `IApi`; `panel.tsx` shows it.
 */

import { Signal, type ISignal } from '@lumino/signaling';
import { titleOf } from './status';
import type { IApi, IConfirm, IFeedback, IIdle, IJob, INotice, IUnit, IUnits } from './types';
import { Trouble } from './types';
import type { IText, Words } from './words';

/** The notebooks that are open in JupyterLab. */
export interface IDocuments {
  /** Whether a file has changes that are not saved; null if it is not open. */
  dirty(path: string): boolean | null;
  /** Save it if it is open and changed. Rejects when it could not be saved. */
  save(path: string): Promise<void>;
  open(path: string): void;
  showFeedback(unit: IUnit, feedback: IFeedback): void;
}

/** What is being asked or done in one unit's card. */
export interface IActivity {
  busy: '' | 'opening' | 'saving' | 'submitting' | 'feedback';
  ask: '' | 'version' | 'missing';
  missing: IText[];
  problem: string;
  again: boolean;
}

const REST: IActivity = { busy: '', ask: '', missing: [], problem: '', again: false };
/** Between questions about a running submit, and after so many without an answer it is said. */
export const JOB_MS = 700;
const JOB_SILENT = 20;

export class PanelModel {
  units: IUnit[] | null = null;
  portal = '';
  problem = '';
  refreshing = false;
  /** The last thing that happened, for screen readers. */
  news = '';
  /** How far this computer's clock is behind the server's, in ms. */
  private skew = 0;
  private activities = new Map<string, IActivity>();
  private following = new Set<string>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _idle = new Signal<this, IIdle>(this);
  private readonly _notices = new Signal<this, INotice[]>(this);

  constructor(
    private readonly api: IApi,
    private readonly documents: IDocuments,
    readonly words: Words,
    private readonly wait: (ms: number) => Promise<void> = ms =>
      new Promise(resolve => setTimeout(resolve, ms))
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The server said when it stops. */
  get idleTold(): ISignal<this, IIdle> {
    return this._idle;
  }

  /** What there is to be told now. */
  get noticesTold(): ISignal<this, INotice[]> {
    return this._notices;
  }

  /** The server's time. */
  now(): Date {
    return new Date(Date.now() + this.skew);
  }

  activity(assignment: string): IActivity {
    return this.activities.get(assignment) ?? REST;
  }

  /** The path of the unit's notebook, or null. */
  notebook(unit: IUnit): string | null {
    return unit.folder?.notebook ? `${unit.folder.path}/${unit.folder.notebook}` : null;
  }

  dirty(unit: IUnit): boolean | null {
    const path = this.notebook(unit);
    return path === null ? null : this.documents.dirty(path);
  }

  /** Tell the view that something outside changed, such as a notebook that was saved. */
  touch(): void {
    this._changed.emit();
  }

  /** Ask for everything anew. Rejects when there is no answer; what was known stays. */
  async refresh(): Promise<void> {
    this.refreshing = true;
    this.touch();
    try {
      this.take(await this.api.units());
      this.problem = '';
    } catch (error) {
      this.problem = sentence(error);
      throw error;
    } finally {
      this.refreshing = false;
      this.touch();
    }
  }

  /** Count the tasks of one unit anew; a quiet thing that may fail. */
  async recount(assignment: string): Promise<void> {
    const tasks = await this.api.tasks(assignment).catch(() => null);
    const unit = this.units?.find(one => one.assignment === assignment);
    if (tasks && unit?.folder) {
      unit.folder.tasks = tasks;
      this.touch();
    }
  }

  /** Open the unit's notebook; asks first when the platform has another version. */
  async open(unit: IUnit, choice: '' | 'keep' | 'beside' = ''): Promise<void> {
    if (unit.newer && !choice) {
      this.set(unit, { ask: 'version' });
      return;
    }
    await this.opened(unit, () => this.api.open(unit.assignment, choice));
    if (choice || !unit.folder) {
      await this.refresh().catch(() => undefined);
    }
  }

  /** Go on in another folder of the same unit. */
  async choose(unit: IUnit, folder: string): Promise<void> {
    await this.opened(unit, () => this.api.choose(unit.assignment, folder));
    await this.refresh().catch(() => undefined);
  }

  /** Take back a question. */
  cancel(unit: IUnit): void {
    this.set(unit, {});
  }

  /** Save, then hand in; without `confirmed` it stops and asks when tasks are missing. */
  async submit(unit: IUnit, confirmed = false): Promise<void> {
    if (this.activity(unit.assignment).busy) {
      return;
    }
    this.set(unit, { busy: 'saving' });
    const path = this.notebook(unit);
    try {
      if (path !== null) {
        await this.documents.save(path);
      }
    } catch {
      this.set(unit, { problem: this.words.say('not_saved'), again: true });
      return;
    }
    this.set(unit, { busy: 'submitting' });
    let answer: IJob | IConfirm;
    try {
      answer = await this.api.submit(unit.assignment, confirmed);
    } catch (error) {
      this.set(unit, { problem: sentence(error), again: true });
      return;
    }
    if (answer.state === 'confirm') {
      this.set(unit, { ask: 'missing', missing: answer.missing });
      return;
    }
    await this.follow(unit.assignment, answer);
  }

  /** Fetch the feedback and show it beside the notebook. */
  async showFeedback(unit: IUnit): Promise<void> {
    this.set(unit, { busy: 'feedback' });
    try {
      this.documents.showFeedback(unit, await this.api.feedback(unit.assignment));
      this.set(unit, {});
    } catch (error) {
      this.set(unit, { problem: sentence(error) });
    }
  }

  /** Watch a submit until it is over; one watcher for each unit. */
  private async follow(assignment: string, job: IJob): Promise<void> {
    if (this.following.has(assignment)) {
      return;
    }
    this.following.add(assignment);
    let silent = 0;
    try {
      while (isRunning(job)) {
        this.taken(assignment, job, { busy: 'submitting' });
        await this.wait(JOB_MS * Math.min(8, 1 + silent));
        try {
          job = await this.api.job(assignment);
          silent = 0;
        } catch (error) {
          silent += 1;
          if (silent >= JOB_SILENT) {
            this.taken(assignment, job, { problem: sentence(error), again: true });
            return;
          }
        }
      }
    } finally {
      this.following.delete(assignment);
    }
    this.taken(assignment, job, {});
    if (job.state === 'done' && job.receipt) {
      this.news = `${this.words.say('received')} ${this.words.say('receipt')} ${job.receipt.receipt}`;
      await this.refresh().catch(() => undefined);
    } else {
      this.news = job.error?.message ?? '';
      this.touch();
    }
  }

  private async opened(unit: IUnit, ask: () => Promise<string>): Promise<void> {
    this.set(unit, { busy: 'opening' });
    try {
      this.documents.open(await ask());
      this.news = this.words.say('opened', { title: titleOf(unit, this.words) });
      this.set(unit, {});
    } catch (error) {
      this.set(unit, { problem: sentence(error) });
    }
  }

  private take(answer: IUnits): void {
    this.units = answer.units;
    this.portal = answer.portal;
    this.skew = new Date(answer.now).getTime() - Date.now();
    this._idle.emit(answer.idle);
    this._notices.emit(answer.notices);
    for (const unit of answer.units) {
      if (isRunning(unit.submit) && !this.following.has(unit.assignment)) {
        void this.follow(unit.assignment, unit.submit);
      }
    }
  }

  private taken(assignment: string, job: IJob, activity: Partial<IActivity>): void {
    const unit = this.units?.find(one => one.assignment === assignment);
    if (unit) {
      unit.submit = job;
      this.set(unit, activity);
    }
  }

  private set(unit: IUnit, activity: Partial<IActivity>): void {
    this.activities.set(unit.assignment, { ...REST, ...activity });
    this.touch();
  }
}

function isRunning(job: IJob): boolean {
  return job.state === 'packing' || job.state === 'sending';
}

function sentence(error: unknown): string {
  return error instanceof Trouble || error instanceof Error ? error.message : String(error);
}
