/**
 * What a unit's state and deadline are called. Pure; the portal's words are in
 * `hub/yanxiu/records/http/words.py`, and days are counted on the calendar as there.
 */

import type { IUnit } from './types';
import type { Word, Words } from './words';

/** Beyond this nobody counts days. */
const FAR_DAYS = 60;

export type Tone = 'done' | 'bad' | 'wait' | 'due' | 'plain';

export interface IBadge {
  text: string;
  tone: Tone;
}

const SUBMITTED: Record<string, [Word, Tone]> = {
  queued: ['queued', 'wait'],
  grading: ['grading', 'wait'],
  failed: ['manual', 'wait'],
  waiting: ['waiting', 'wait'],
  marked: ['marked', 'wait'],
  released: ['released', 'done'],
  superseded: ['superseded', 'plain']
};

/** What a unit is called, as in the portal: its point, then its title. */
export function titleOf(unit: IUnit, words: Words): string {
  return [unit.point, words.pick(unit.title)].filter(Boolean).join(' ');
}

/** Where a person is with a unit. */
export function badge(unit: IUnit, now: Date, words: Words): IBadge {
  if (unit.passed) {
    return { text: words.say('passed'), tone: 'done' };
  }
  if (unit.state === 'released' && unit.passed === false) {
    return { text: words.say('failed'), tone: 'bad' };
  }
  const known = SUBMITTED[unit.state];
  if (known) {
    return { text: words.say(known[0]), tone: known[1] };
  }
  if (unit.opens_at && now < new Date(unit.opens_at)) {
    return { text: words.say('not_open'), tone: 'plain' };
  }
  if (now > new Date(unit.late_until || unit.due_at)) {
    return { text: words.say('closed'), tone: 'bad' };
  }
  return { text: words.say(unit.folder ? 'begun' : 'to_do'), tone: 'plain' };
}

/** How much time is left; null when that does not matter any more. */
export function deadline(unit: IUnit, now: Date, words: Words): IBadge | null {
  if (unit.passed) {
    return null;
  }
  const clock = (moment: string): string => clockTime(moment, now);
  if (unit.opens_at && now < new Date(unit.opens_at)) {
    return { text: words.say('opens', { when: clock(unit.opens_at) }), tone: 'plain' };
  }
  const due = new Date(unit.due_at);
  if (now <= due) {
    const left = timeLeft(now, due, words);
    const when = words.say('due', { when: clock(unit.due_at) });
    return { text: left ? `${when} · ${left.text}` : when, tone: left?.tone ?? 'plain' };
  }
  const last = unit.late_until || unit.due_at;
  const open = now <= new Date(last);
  return { text: words.say(open ? 'late_until' : 'over', { when: clock(last) }), tone: 'bad' };
}

/** Whether handing in is possible and of use, by the clock; the platform has the last word. */
export function canSubmit(unit: IUnit, now: Date): boolean {
  const used = unit.max_attempts !== null && (unit.attempts ?? 0) >= (unit.max_attempts ?? 0);
  const opened = !unit.opens_at || now >= new Date(unit.opens_at);
  return !unit.passed && !used && opened && now <= new Date(unit.late_until || unit.due_at);
}

/** Day and time in Beijing, whatever the computer's zone is; the year only if it is another. */
export function clockTime(moment: string, now: Date): string {
  const parts = beijing(new Date(moment));
  const year = parts.year === beijing(now).year ? '' : `${parts.year}-`;
  return `${year}${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
}

/** Bytes for people. */
export function human(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} KB`;
}

/** Null when it is so far away that the date says it better. */
function timeLeft(now: Date, due: Date, words: Words): IBadge | null {
  const days = calendarDay(due) - calendarDay(now);
  if (days > FAR_DAYS) {
    return null;
  }
  if (days > 0) {
    const text = days === 1 ? words.say('day_left') : words.say('days_left', { n: days });
    return { text, tone: days <= 3 ? 'due' : 'plain' };
  }
  const minutes = (due.getTime() - now.getTime()) / 60_000;
  if (minutes >= 60) {
    return { text: words.say('hours_left', { n: Math.floor(minutes / 60) }), tone: 'due' };
  }
  return {
    text: words.say('minutes_left', { n: Math.max(1, Math.ceil(minutes)) }),
    tone: 'bad'
  };
}

function calendarDay(moment: Date): number {
  const { year, month, day } = beijing(moment);
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / 86_400_000;
}

const FORMAT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23'
});

function beijing(moment: Date): Record<string, string> {
  return Object.fromEntries(FORMAT.formatToParts(moment).map(part => [part.type, part.value]));
}
