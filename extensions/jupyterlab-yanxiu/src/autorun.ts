/**
 * Show a unit's tasks as soon as its notebook is open: run the course's own cells.
 *
 * Decides which cells: locked, and word for word as the platform handed them out (the server
 * keeps that list). Never a cell of the learner; nothing that a running kernel still shows.
 */

import { CodeCell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { courseCells } from './cells';
import type { ICourseCells } from './types';

/**
 * Run the course's cells of a notebook that was just opened.
 *
 * @param ask returns the sources that the platform handed out for a path
 * @param wanted false if the teacher has switched this off in the settings
 * @returns how many cells were run
 */
export async function runCourseCells(
  panel: NotebookPanel,
  ask: (path: string) => Promise<ICourseCells>,
  wanted = true
): Promise<number> {
  const { context, content } = panel;
  await context.ready;
  const { sources } = await ask(context.path).catch(() => ({ sources: [] }));
  if (!wanted || !sources.length) {
    return 0;
  }
  await panel.revealed;
  await context.sessionContext.ready;
  const kernel = context.sessionContext.session?.kernel;
  const fresh = kernel ? await isFresh(kernel) : false;
  if (!kernel || panel.isDisposed) {
    return 0;
  }
  const views = content.widgets.map(cell => ({
    type: cell.model.type,
    source: cell.model.sharedModel.getSource(),
    nbgrader: cell.model.getMetadata('nbgrader'),
    // In a kernel that lives on, what is shown is alive as well.
    shown: !fresh && cell instanceof CodeCell && cell.model.outputs.length > 0
  }));
  const cells = courseCells(views, sources).map(index => content.widgets[index]);
  const untouched = !context.model.dirty;
  const active = content.activeCellIndex;
  const { scrollTop } = content.node;
  if (cells.length) {
    await NotebookActions.runCells(content, cells, context.sessionContext);
  }
  if (!panel.isDisposed && content.activeCellIndex !== active) {
    content.activeCellIndex = active;
    content.node.scrollTop = scrollTop;
  }
  if (!panel.isDisposed && cells.length && untouched) {
    // Or the teacher reads of changes that are not saved, before having done anything.
    await context.save();
  }
  return cells.length;
}

/** Whether a kernel has run nothing yet. Asks with an empty, silent request. */
async function isFresh(kernel: Kernel.IKernelConnection): Promise<boolean> {
  const future = kernel.requestExecute({ code: '', silent: true, store_history: false });
  const reply: any = await future.done;
  return !reply.content.execution_count;
}
