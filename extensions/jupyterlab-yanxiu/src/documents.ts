/** The open notebooks as the panel sees them: saved or not, and how to open one. */

import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal, type ISignal } from '@lumino/signaling';
import type { IDocuments } from './model';
import type { IFeedback, IUnit } from './types';

export class Documents implements IDocuments {
  private readonly _changed = new Signal<this, void>(this);

  constructor(
    private readonly manager: IDocumentManager,
    private readonly tracker: INotebookTracker,
    private readonly makeRoom: () => void,
    readonly showFeedback: (unit: IUnit, feedback: IFeedback) => void
  ) {
    tracker.forEach(panel => this.watch(panel));
    tracker.widgetAdded.connect((_, panel) => this.watch(panel));
  }

  /** A notebook was opened, closed, changed or saved. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  dirty(path: string): boolean | null {
    const panel = this.find(path);
    return panel ? panel.context.model.dirty : null;
  }

  async save(path: string): Promise<void> {
    const context = this.find(path)?.context;
    if (!context?.model.dirty) {
      return;
    }
    let failed = false;
    // A save that failed is told by this signal; the promise may be kept all the same.
    const watch = (_: unknown, state: string): void => {
      failed = failed || state === 'failed';
    };
    context.saveState.connect(watch);
    try {
      await context.save();
    } finally {
      context.saveState.disconnect(watch);
    }
    if (failed) {
      throw new Error('not saved');
    }
  }

  open(path: string): void {
    this.makeRoom();
    this.manager.openOrReveal(path);
  }

  private find(path: string): NotebookPanel | undefined {
    return this.tracker.find(panel => panel.context.path === path);
  }

  private watch(panel: NotebookPanel): void {
    const tell = (): void => this._changed.emit();
    panel.context.model.stateChanged.connect(tell);
    panel.context.saveState.connect(tell);
    panel.disposed.connect(tell);
    void panel.context.ready.then(tell);
  }
}
