/**
 * What the panel looks like: a list of units and what happens in them.
 *
 * Decides no state: `PanelModel` does. Everything is a text node, whatever the platform or a
 * grader wrote. Every control is a button or a link, so the keyboard reaches it.
 */

import * as React from 'react';
import { Button } from './button';
import { ExternalLink } from './link';
import type { PanelModel } from './model';
import { UnitCard } from './unit';

/** The whole panel; shows the model anew whenever it changes. */
export function Panel({ model }: { model: PanelModel }): React.JSX.Element {
  const [, again] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    model.changed.connect(again);
    return () => {
      model.changed.disconnect(again);
    };
  }, [model]);
  const { say, language } = model.words;
  return (
    <section
      className="yx-Panel"
      lang={language === 'en' ? 'en' : 'zh-CN'}
      aria-label={say('panel')}
      aria-busy={model.refreshing}
    >
      <header className="yx-head">
        <h2>{say('my_units')}</h2>
        <Button
          kind="small"
          busy={model.refreshing}
          onPress={() => model.refresh().catch(() => undefined)}
        >
          {say('refresh')}
        </Button>
        {model.portal && (
          <ExternalLink href={model.portal} label={say('portal') + say('new_window')}>
            {say('portal')}
          </ExternalLink>
        )}
      </header>
      {model.problem && (
        <p className="yx-problem" role="alert">
          {model.problem}
          {model.units && ` ${say('old_news')}`}
        </p>
      )}
      {model.units?.length === 0 && <p className="yx-quiet">{say('none')}</p>}
      <ul className="yx-units">
        {(model.units ?? []).map(unit => (
          <UnitCard key={unit.assignment} model={model} unit={unit} />
        ))}
      </ul>
      <p className="yx-hidden" role="status" aria-live="polite">
        {model.news}
      </p>
    </section>
  );
}
