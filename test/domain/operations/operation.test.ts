import { cancellation, retryAfterSeconds } from '../../../src/domain/operations/operation';

test.each([
  [-5_000, 1],
  [0, 1],
  [14_000, 1],
  [15_000, 2],
  [60_000, 6],
  [300_000, 30],
  [86_400_000, 30],
])('after %i ms it is worth to ask again in %i s', (ageMs, seconds) => expect(retryAfterSeconds(ageMs)).toBe(seconds));

test.each([
  [{ state: 'queued', cancellable: true, cancelRequested: false }, 'end'],
  [{ state: 'running', cancellable: true, cancelRequested: false }, 'request'],
  [{ state: 'running', cancellable: true, cancelRequested: true }, 'nothing'],
] as const)('%j: %s', (operation, effect) => expect(cancellation(operation)).toBe(effect));

test.each([
  { state: 'queued', cancellable: false },
  { state: 'running', cancellable: false },
  { state: 'succeeded', cancellable: true },
  { state: 'failed', cancellable: true },
  { state: 'cancelled', cancellable: true },
] as const)('%j is refused, with its state', (operation) => {
  expect(() => cancellation({ ...operation, cancelRequested: false })).toThrow(
    expect.objectContaining({ kind: 'conflict', details: { state: operation.state } }),
  );
});
