/**
 * Say some minutes before that the server stops because nobody uses it.
 *
 * Decides when: at a quarter of the idle time, at most ten minutes before. The idle time
 * itself is the server's. An open page asks nothing meanwhile; it asks once, just before.
 */

import type { IIdle } from './types';

const MOST_S = 600;
/** So that a clock that runs a little fast does not ask over and over. */
const LEAST_S = 5;

/** Seconds before the stop at which it is said. */
export function warningSeconds(idle: IIdle): number {
  return Math.min(MOST_S, (idle.minutes * 60) / 4);
}

export class IdleMonitor {
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param ask asks the server how long is left; that is no use of it
   * @param warn shows the warning: minutes that are left
   * @param calm takes the warning away: somebody is there
   */
  constructor(
    private readonly ask: () => Promise<IIdle>,
    private readonly warn: (minutes: number) => void,
    private readonly calm: () => void
  ) {}

  /** The server said how long is left. */
  told(idle: IIdle): void {
    clearTimeout(this.timer);
    if (idle.left_s === null || !idle.minutes) {
      this.calm();
      return;
    }
    const early = idle.left_s - warningSeconds(idle);
    if (early <= 0) {
      this.warn(Math.max(1, Math.floor(idle.left_s / 60)));
      return;
    }
    this.calm();
    const due = Math.max(LEAST_S, early) * 1000;
    this.timer = setTimeout(() => void this.check(idle), due);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private async check(before: IIdle): Promise<void> {
    // Without an answer the server's last word stands.
    const silent = { ...before, left_s: Math.floor(warningSeconds(before)) };
    this.told(await this.ask().catch(() => silent));
  }
}
