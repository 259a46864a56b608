/**
 * What the graders said, as a page beside the notebook.
 *
 * Text nodes only: a comment is somebody else's text and never becomes markup.
 */

import * as React from 'react';
import { titleOf } from './status';
import type { IFeedback, IFeedbackTask, IUnit } from './types';
import type { Words } from './words';

interface IProps {
  unit: IUnit;
  feedback: IFeedback;
  words: Words;
}

export function Feedback({ unit, feedback, words }: IProps): React.JSX.Element {
  const { say } = words;
  const max = feedback.tasks.reduce((sum, task) => sum + (task.max || 0), 0);
  const verdict = feedback.passed ? 'passed' : 'failed';
  return (
    <article
      className="yx-Feedback"
      lang={words.language === 'en' ? 'en' : 'zh-CN'}
      tabIndex={0}
    >
      <h1>{say('feedback_of', { title: titleOf(unit, words) })}</h1>
      <p className="yx-sum">
        {say('total')} <strong>{points(feedback.total_points, max, words)}</strong>{' '}
        <span className={`yx-badge yx-tone-${feedback.passed ? 'done' : 'bad'}`}>
          {say(verdict)}
        </span>
      </p>
      {feedback.comment && (
        <section>
          <h2>{say('overall')}</h2>
          <blockquote>{feedback.comment}</blockquote>
        </section>
      )}
      {feedback.tasks.map(task => (
        <Task key={task.id} task={task} words={words} />
      ))}
    </article>
  );
}

function Task({ task, words }: { task: IFeedbackTask; words: Words }): React.JSX.Element {
  const { say, pick } = words;
  const message = pick(task.message);
  return (
    <section>
      <h2>
        {pick(task.title)}{' '}
        <span className="yx-points">{points(task.points, task.max, words)}</span>
      </h2>
      {message && (
        <p>
          <span className="yx-by">{say('machine')}</span> {message}
        </p>
      )}
      {task.comment && (
        <div>
          <span className="yx-by">{say('teacher')}</span>
          <blockquote>{task.comment}</blockquote>
        </div>
      )}
      {!message && !task.comment && <p className="yx-quiet">{say('no_comment')}</p>}
    </section>
  );
}

function points(value: number | null, max: number, words: Words): string {
  return words.say('points', { points: value === null ? '–' : plain(value), max: plain(max) });
}

function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}
