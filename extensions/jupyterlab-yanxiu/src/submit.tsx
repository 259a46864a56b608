/** How a unit's submit goes: question, progress, receipt, or what went wrong. See `panel.tsx`. */

import * as React from 'react';
import { Button, useFirst } from './button';
import { ExternalLink } from './link';
import type { PanelModel } from './model';
import { human, titleOf } from './status';
import type { IJob, IUnit } from './types';
import type { Words } from './words';

interface IProps {
  model: PanelModel;
  unit: IUnit;
}

export function Submit({ model, unit }: IProps): React.JSX.Element | null {
  const { say } = model.words;
  const activity = model.activity(unit.assignment);
  const job = unit.submit;
  if (activity.ask === 'missing') {
    return <Missing model={model} unit={unit} />;
  }
  if (activity.busy === 'saving') {
    return <p role="status">{say('saving')}</p>;
  }
  if (activity.busy === 'submitting') {
    return <Progress job={job} unit={unit} words={model.words} />;
  }
  if (activity.problem) {
    return <Failed model={model} unit={unit} text={activity.problem} again={activity.again} />;
  }
  if (job.state === 'failed' && job.error) {
    return (
      <Failed model={model} unit={unit} text={job.error.message} again={job.error.again} />
    );
  }
  if (job.state === 'interrupted') {
    return <Failed model={model} unit={unit} text={say('interrupted')} again />;
  }
  return job.state === 'done' ? <Done job={job} words={model.words} /> : null;
}

function Missing({ model, unit }: IProps): React.JSX.Element {
  const { say, pick, list } = model.words;
  const { missing } = model.activity(unit.assignment);
  const first = useFirst();
  const text = say('missing', { n: missing.length, titles: list(missing.map(pick)) });
  return (
    <div className="yx-ask" role="group" aria-label={say('submit')}>
      <p role="alert">{text}</p>
      <div className="yx-buttons">
        <Button focusRef={first} onPress={() => model.cancel(unit)}>
          {say('go_on')}
        </Button>
        <Button kind="first" onPress={() => model.submit(unit, true)}>
          {say('submit_anyway')}
        </Button>
      </div>
    </div>
  );
}

function Progress(props: { job: IJob; unit: IUnit; words: Words }): React.JSX.Element {
  const { say } = props.words;
  const { sent, total, state } = props.job;
  const sending = state === 'sending' && total > 0;
  const percent = total ? Math.floor((100 * sent) / total) : 0;
  const numbers = { sent: human(sent), total: human(total), percent };
  return (
    <div className="yx-progress">
      <progress
        aria-label={say('progress_of', { title: titleOf(props.unit, props.words) })}
        max={100}
        {...(sending ? { value: percent } : {})}
      />
      <p role="status">{sending ? say('sending', numbers) : say('packing')}</p>
    </div>
  );
}

function Failed(props: IProps & { text: string; again: boolean }): React.JSX.Element {
  const { model, unit } = props;
  return (
    <div className="yx-failed">
      <p role="alert">{props.text}</p>
      {props.again && (
        // What was confirmed once is not asked again: the work is the same.
        <Button kind="first" onPress={() => model.submit(unit, true)}>
          {model.words.say('again')}
        </Button>
      )}
    </div>
  );
}

function Done({ job, words }: { job: IJob; words: Words }): React.JSX.Element | null {
  const { say } = words;
  const { receipt } = job;
  if (!receipt) {
    return null;
  }
  return (
    <div className="yx-receipt" role="group" aria-label={say('receipt')}>
      <p className="yx-received">{say('received')}</p>
      <dl>
        <dt>{say('receipt')}</dt>
        <dd>{receipt.receipt}</dd>
        <dt>{say('received_at')}</dt>
        <dd>
          {receipt.received_at}
          {receipt.late && ` · ${say('late')}`}
        </dd>
        <dt>{say('attempt')}</dt>
        <dd>{receipt.attempt}</dd>
      </dl>
      {job.notes.map(note => (
        <p className="yx-quiet" key={note}>
          {note}
        </p>
      ))}
      <ExternalLink href={receipt.url} label={say('see_receipt') + say('new_window')}>
        {say('see_receipt')}
      </ExternalLink>
    </div>
  );
}
