/**
 * Show what the platform has to say to whoever is at work: each notice once, while it holds.
 *
 * Decides what is new and what is over. Who closes one is not told again.
 */

import type { INotice } from './types';

export class NoticeBoard {
  /** Notice → what shows it. */
  private readonly shown = new Map<string, string>();

  /**
   * @param show shows a sentence and returns what `hide` takes it away by
   * @param hide takes it away
   */
  constructor(
    private readonly show: (text: string) => string,
    private readonly hide: (shown: string) => void
  ) {}

  /** These hold now, and no others. */
  told(notices: INotice[]): void {
    const ids = new Set(notices.map(one => one.id));
    for (const [id, shown] of [...this.shown]) {
      if (!ids.has(id)) {
        this.hide(shown);
        this.shown.delete(id);
      }
    }
    for (const one of notices) {
      if (!this.shown.has(one.id)) {
        this.shown.set(one.id, this.show(one.text));
      }
    }
  }
}
