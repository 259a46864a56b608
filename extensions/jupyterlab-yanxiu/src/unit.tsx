/** One unit in the panel: state, deadline, tasks, buttons. See `panel.tsx`. */

import * as React from 'react';
import { Button, useFirst, useKeptFocus } from './button';
import { ExternalLink } from './link';
import type { PanelModel } from './model';
import { badge, canSubmit, deadline, titleOf } from './status';
import { Submit } from './submit';
import type { ITask, IUnit } from './types';
import type { Words } from './words';

interface IProps {
  model: PanelModel;
  unit: IUnit;
}

export function UnitCard({ model, unit }: IProps): React.JSX.Element {
  const { words } = model;
  const { say } = words;
  const now = model.now();
  const title = titleOf(unit, words);
  const state = badge(unit, now, words);
  const time = deadline(unit, now, words);
  const activity = model.activity(unit.assignment);
  const dirty = model.dirty(unit);
  const heading = `yx-${unit.assignment}`;
  const doing = { busy: activity.busy !== '', about: heading };
  const card = useKeptFocus([activity.ask, activity.problem, unit.submit.state].join());
  const fetching = unit.folder ? 'opening' : 'fetching';
  return (
    <li className="yx-unit" ref={card} aria-labelledby={heading}>
      <div className="yx-title">
        <h3 id={heading}>{title}</h3>
        <span className={`yx-badge yx-tone-${state.tone}`}>{state.text}</span>
      </div>
      {time && <p className={`yx-time yx-tone-${time.tone}`}>{time.text}</p>}
      <Details unit={unit} words={words} />
      {unit.folder && unit.folder.tasks.length > 0 && (
        <Tasks tasks={unit.folder.tasks} words={words} />
      )}
      {dirty !== null && (
        <p className={dirty ? 'yx-unsaved' : 'yx-saved'}>{say(dirty ? 'unsaved' : 'saved')}</p>
      )}
      {activity.ask === 'version' ? (
        <Version model={model} unit={unit} />
      ) : (
        <div className="yx-buttons">
          <Button kind={unit.folder ? '' : 'first'} {...doing} onPress={() => model.open(unit)}>
            {say(activity.busy === 'opening' ? fetching : 'open')}
          </Button>
          {unit.folder && canSubmit(unit, now) && activity.ask === '' && (
            <Button kind="first" {...doing} onPress={() => model.submit(unit)}>
              {say('submit')}
            </Button>
          )}
          {unit.passed !== null && (
            <Button {...doing} onPress={() => model.showFeedback(unit)}>
              {say('feedback')}
            </Button>
          )}
          {model.portal && (
            <ExternalLink
              href={`${model.portal}units/${encodeURIComponent(unit.assignment)}`}
              label={say('portal_of', { title }) + say('new_window')}
            >
              {say('unit_page')}
            </ExternalLink>
          )}
        </div>
      )}
      <Submit model={model} unit={unit} />
      {unit.others.map(other => (
        <p key={other.name} className="yx-quiet">
          <Button kind="plain" {...doing} onPress={() => model.choose(unit, other.name)}>
            {say('other_folder', { folder: other.name })}
          </Button>
        </p>
      ))}
    </li>
  );
}

function Details({ unit, words }: { unit: IUnit; words: Words }): React.JSX.Element | null {
  const { say } = words;
  const parts: string[] = [];
  if (unit.attempts) {
    const of = { n: unit.attempts, most: unit.max_attempts ?? '' };
    parts.push(say(unit.max_attempts === null ? 'attempts' : 'attempts_of', of));
  }
  if (unit.others.length && unit.folder) {
    parts.push(`${say('folder')} ${unit.folder.name}`);
  }
  if (unit.newer) {
    parts.push(say('newer_badge'));
  }
  return parts.length ? <p className="yx-quiet">{parts.join(' · ')}</p> : null;
}

function Tasks({ tasks, words }: { tasks: ITask[]; words: Words }): React.JSX.Element {
  const { say, pick } = words;
  const done = tasks.filter(task => task.done).length;
  return (
    <details className="yx-tasks">
      <summary>
        {say('tasks', { done, total: tasks.length })}
        <span className="yx-bar" aria-hidden="true">
          <span style={{ width: `${(100 * done) / tasks.length}%` }} />
        </span>
      </summary>
      <ul>
        {tasks.map(task => (
          <li key={task.id} className={task.done ? 'yx-isdone' : ''}>
            <span role="img" aria-label={say(task.done ? 'task_done' : 'task_open')}>
              {task.done ? '●' : '○'}
            </span>{' '}
            {pick(task.title)}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Mine, or the platform's newer version beside it. The old folder is never touched. */
function Version({ model, unit }: IProps): React.JSX.Element {
  const { say } = model.words;
  const first = useFirst();
  return (
    <div className="yx-ask" role="group" aria-label={say('newer_badge')}>
      <p role="alert">{say('newer', { folder: unit.folder?.name ?? '' })}</p>
      <div className="yx-buttons">
        <Button focusRef={first} kind="first" onPress={() => model.open(unit, 'keep')}>
          {say('keep')}
        </Button>
        <Button onPress={() => model.open(unit, 'beside')}>{say('beside')}</Button>
        <Button kind="plain" onPress={() => model.cancel(unit)}>
          {say('cancel')}
        </Button>
      </div>
    </div>
  );
}
