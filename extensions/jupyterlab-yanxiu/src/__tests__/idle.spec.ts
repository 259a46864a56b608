import { IdleMonitor, warningSeconds } from '../idle';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const told: string[] = [];

function watch(ask: () => Promise<{ minutes: number; left_s: number | null }>): IdleMonitor {
  told.length = 0;
  return new IdleMonitor(
    ask,
    minutes => void told.push(`${minutes} min`),
    () => void told.push('calm')
  );
}

test.each([
  [120, 600],
  [40, 600],
  [20, 300],
  [4, 60]
])('of %i idle minutes the last %i seconds are for the warning', (minutes, seconds) => {
  expect(warningSeconds({ minutes, left_s: null })).toBe(seconds);
});

test('it asks once, just before, and warns if nobody was there', async () => {
  const ask = jest.fn(async () => ({ minutes: 120, left_s: 590 }));
  watch(ask).told({ minutes: 120, left_s: 7200 });
  await jest.advanceTimersByTimeAsync(6599_000);
  expect(ask).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(told).toEqual(['calm', '9 min']);
});

test('somebody was there meanwhile: it waits anew and says nothing', async () => {
  watch(async () => ({ minutes: 120, left_s: 7000 })).told({ minutes: 120, left_s: 601 });
  await jest.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual(['calm', 'calm']);
});

test('without an answer the last word of the server stands', async () => {
  watch(() => Promise.reject(new Error('away'))).told({ minutes: 120, left_s: 700 });
  await jest.advanceTimersByTimeAsync(101_000);
  expect(told).toEqual(['calm', '10 min']);
});

test.each([[{ minutes: 0, left_s: null }], [{ minutes: 0, left_s: 0 }]])(
  'a server that is never stopped says nothing',
  async idle => {
    const ask = jest.fn();
    watch(ask).told(idle);
    await jest.advanceTimersByTimeAsync(86_400_000);
    expect(ask).not.toHaveBeenCalled();
    expect(told).toEqual(['calm']);
  }
);
