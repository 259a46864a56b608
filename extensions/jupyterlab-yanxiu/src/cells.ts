/** Which cells of a notebook are the course's own and unchanged. Pure; called by `autorun.ts`. */

/** What is looked at in a cell. */
export interface ICellView {
  type: string;
  source: string;
  nbgrader: any;
  /** It shows something that works: there is no reason to run it. */
  shown: boolean;
}

/**
 * Return the indices of the course's own unchanged cells.
 *
 * @param sources word for word what the platform handed out
 */
export function courseCells(cells: ICellView[], sources: string[]): number[] {
  const known = new Set(sources);
  return cells.flatMap((cell, index) => {
    const mark = cell.nbgrader;
    const ours = mark && mark.locked === true && !mark.grade && !mark.solution;
    const runs = cell.type === 'code' && ours && !cell.shown && known.has(cell.source);
    return runs ? [index] : [];
  });
}
