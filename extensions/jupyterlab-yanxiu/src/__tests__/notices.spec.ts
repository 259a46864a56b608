import { NoticeBoard } from '../notices';

function board(): { board: NoticeBoard; seen: string[] } {
  const seen: string[] = [];
  const show = (text: string): string => (seen.push(`+${text}`), text);
  return { board: new NoticeBoard(show, text => void seen.push(`-${text}`)), seen };
}

const STOP = { id: 'stop-1', text: 'ends at 20:00' };
const FULL = { id: 'storage-full', text: 'full' };

test('a notice is shown once for as long as it holds', () => {
  const { board: one, seen } = board();
  one.told([]);
  one.told([STOP]);
  one.told([STOP, FULL]);
  one.told([{ ...STOP }, { ...FULL, text: 'fuller' }]);
  expect(seen).toEqual(['+ends at 20:00', '+full']);
});

test('what is over is taken away, and shown again when it comes again', () => {
  const { board: one, seen } = board();
  one.told([FULL]);
  one.told([STOP]);
  one.told([STOP, FULL]);
  expect(seen).toEqual(['+full', '-full', '+ends at 20:00', '+full']);
});
