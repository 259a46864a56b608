/**
 * The plugin 研修: wires the panel to JupyterLab. The only module that knows the application.
 *
 * Called by JupyterLab when it starts (`jupyterlab.extension` in package.json).
 */

import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, Notification } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Debouncer, Poll } from '@lumino/polling';
import * as React from 'react';
import { Api } from './api';
import { runCourseCells } from './autorun';
import { Documents } from './documents';
import { Feedback } from './feedback';
import { icon } from './icon';
import { IdleMonitor } from './idle';
import { PanelModel } from './model';
import { NoticeBoard } from './notices';
import { Panel } from './panel';
import { titleOf } from './status';
import type { ICourseCells, IFeedback, IUnit } from './types';
import { languageOf, Words } from './words';

const ID = 'jupyterlab-yanxiu:panel';
const SHOW = 'yanxiu:show-panel';
/** Rural lines: seldom, less often while there is no answer, never while nobody looks. */
const EVERY_MS = 60_000;
const SELDOM_MS = 600_000;
/** After the kernel did something, such as saving an answer. */
const RECOUNT_MS = 1_500;
/** Narrower windows keep the room for the notebook; the panel is one press away. */
const WIDE_PX = 900;
const isWide = (): boolean => window.innerWidth >= WIDE_PX;

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Units, submitting and feedback of the training platform',
  autoStart: true,
  requires: [INotebookTracker, IDocumentManager, ITranslator],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ISettingRegistry],
  activate
};

export default plugin;

function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  manager: IDocumentManager,
  translator: ITranslator,
  shell: ILabShell | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  registry: ISettingRegistry | null
): void {
  const words = new Words(languageOf(translator.languageCode));
  const api = new Api(app.serviceManager.serverSettings, words);
  const aside = (): void => (isWide() ? undefined : shell?.collapseLeft());
  const documents = new Documents(manager, tracker, aside, (unit, feedback) => {
    aside();
    showFeedback(app, words, tracker.currentWidget, unit, feedback);
  });
  const model = new PanelModel(api, documents, words);
  documents.changed.connect(() => model.touch());

  const panel = ReactWidget.create(React.createElement(Panel, { model }));
  panel.id = 'yanxiu-panel';
  panel.addClass('yx-side');
  panel.title.icon = icon;
  panel.title.caption = words.say('panel');
  panel.node.tabIndex = -1;
  app.shell.add(panel, 'left', { rank: 50, type: 'yanxiu' });
  restorer?.add(panel, 'yanxiu-panel');
  app.commands.addCommand(SHOW, {
    label: words.say('showPanel'),
    icon,
    execute: () => {
      app.shell.activateById(panel.id);
      panel.node.querySelector<HTMLElement>('button')?.focus();
    }
  });
  palette?.addItem({ command: SHOW, category: words.say('panel') });
  void shell?.restored.then(layout => {
    aside();
    if (layout.fresh && isWide()) {
      app.shell.activateById(panel.id);
    }
  });

  void new Poll({
    name: ID,
    factory: () => model.refresh(),
    frequency: { interval: EVERY_MS, backoff: true, max: SELDOM_MS },
    standby: 'when-hidden'
  });

  monitorIdle(api, model);
  const board = new NoticeBoard(
    text => Notification.warning(text, { autoClose: false }),
    shown => Notification.dismiss(shown)
  );
  model.noticesTold.connect((_, notices) => board.told(notices));
  // The portal's button opens a notebook together with the file list; the panel goes before it.
  let first = true;
  const courseCells = async (path: string): Promise<ICourseCells> => {
    const found = await api.courseCells(path);
    if (first && found.assignment !== null && isWide()) {
      app.shell.activateById(panel.id);
    }
    first = false;
    return found;
  };
  void app.restored.then(() => watchNotebooks(tracker, courseCells, model, registry));
}

/** Run the course's cells of notebooks that are opened, and count tasks as they are done. */
async function watchNotebooks(
  tracker: INotebookTracker,
  courseCells: (path: string) => Promise<ICourseCells>,
  model: PanelModel,
  registry: ISettingRegistry | null
): Promise<void> {
  const settings = await registry?.load(ID).catch(() => null);
  const watch = (panel: NotebookPanel): void => {
    const wanted = settings?.get('runCourseCells').composite !== false;
    void runCourseCells(panel, courseCells, wanted).catch(error => console.error(error));
    const recount = new Debouncer(() => {
      const unit = model.units?.find(one => model.notebook(one) === panel.context.path);
      return unit ? model.recount(unit.assignment) : Promise.resolve();
    }, RECOUNT_MS);
    panel.context.sessionContext.statusChanged.connect((_, status) => {
      if (status === 'idle' && !panel.isDisposed) {
        void recount.invoke().catch(() => undefined);
      }
    });
    panel.disposed.connect(() => recount.dispose());
  };
  tracker.forEach(watch);
  tracker.widgetAdded.connect((_, panel) => watch(panel));
}

/** Tell the teacher before the server stops, here and in the title of the tab. */
function monitorIdle(api: Api, model: PanelModel): void {
  const { say } = model.words;
  const mark = '⏰ ';
  let shown = '';
  const calm = (): void => {
    Notification.dismiss(shown || undefined);
    shown = '';
    document.title = document.title.replace(mark, '');
  };
  const here = async (): Promise<void> => {
    try {
      monitor.told(await api.here());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      Notification.error(say('here_failed', { why }), { autoClose: false });
    }
  };
  const warn = (minutes: number): void => {
    if (shown) {
      return;
    }
    shown = Notification.warning(say('idle', { n: minutes }), {
      autoClose: false,
      actions: [{ label: say('here'), displayType: 'accent', callback: () => void here() }]
    });
    document.title = mark + document.title.replace(mark, '');
  };
  const monitor = new IdleMonitor(api.idle, warn, () => (shown ? calm() : undefined));
  model.idleTold.connect((_, idle) => monitor.told(idle));
}

/** Open the feedback on the right of the notebook, in place of an older one. */
function showFeedback(
  app: JupyterFrontEnd,
  words: Words,
  notebook: NotebookPanel | null,
  unit: IUnit,
  feedback: IFeedback
): void {
  const id = `yanxiu-feedback-${unit.assignment}`;
  for (const one of app.shell.widgets('main')) {
    if (one.id === id) {
      one.dispose();
    }
  }
  const content = ReactWidget.create(React.createElement(Feedback, { unit, feedback, words }));
  const widget = new MainAreaWidget({ content });
  widget.id = id;
  widget.title.label = words.say('feedback_of', { title: titleOf(unit, words) });
  widget.title.icon = icon;
  widget.title.closable = true;
  app.shell.add(widget, 'main', {
    mode: isWide() ? 'split-right' : 'tab-after',
    ref: notebook?.id ?? null
  });
  app.shell.activateById(id);
}
