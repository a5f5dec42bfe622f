import fc from 'fast-check';
import { comparePositions, formatPosition, parsePosition, startOf } from '../../../src/domain/events/position';

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const position = fc.record({ transaction: number, sequence: number });
const at = (transaction: number, sequence: number) => ({ transaction, sequence });

describe('positions', () => {
  test('come back from their text', () => {
    fc.assert(fc.property(position, (one) => expect(parsePosition(formatPosition(one))).toEqual(one)));
  });

  test.each([
    '',
    '1',
    '1-',
    '-1',
    '1-2-3',
    'a-b',
    '1.5-2',
    ' 1-2',
    '9999999999999999-1',
    '99999999999999999999-1',
    '-1-2',
    '1-2\n',
  ])('%j is none', (text) => expect(parsePosition(text)).toBeUndefined());

  test('are in order by transaction, then by sequence', () => {
    const sorted = [at(2, 1), at(1, 9), at(1, 2), at(1, 10)].sort(comparePositions);
    expect(sorted.map(formatPosition)).toEqual(['1-2', '1-9', '1-10', '2-1']);
  });
});

describe('where a stream begins', () => {
  const bounds = { begin: at(10, 5), end: at(20, 0) };

  test.each([undefined, ''])('at the end, for %j', (id) => {
    expect(startOf(id, bounds)).toEqual({ position: bounds.end, gap: null });
  });

  test.each(['10-5', '10-6', '19-3', '20-0'])('behind %s', (id) => {
    expect(startOf(id, bounds)).toEqual({ position: parsePosition(id), gap: null });
  });

  test.each(['10-4', '9-9', '0-0'])('at the end, with a gap, behind %s: it was swept', (id) => {
    expect(startOf(id, bounds)).toEqual({ position: bounds.end, gap: 'too_old' });
  });

  test.each(['20-1', '21-0', 'x', '1-2-3'])('at the end, with a gap, behind %s: it is none of this log', (id) => {
    expect(startOf(id, bounds)).toEqual({ position: bounds.end, gap: 'unknown' });
  });
});
