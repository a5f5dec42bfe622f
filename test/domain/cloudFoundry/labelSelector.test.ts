import fc from 'fast-check';
import { parseLabelSelector, type Requirement } from '../../../src/domain/cloudFoundry/labelSelector';
import { matchesSelector, someLabels, someRequirement } from '../../support/selectors';

function requirementsOf(text: string): Requirement[] {
  const parsed = parseLabelSelector(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.requirements;
}
function problemOf(text: string): string {
  const parsed = parseLabelSelector(text);
  if ('requirements' in parsed) throw new Error(`"${text}" was read as ${JSON.stringify(parsed.requirements)}`);
  return parsed.problem;
}
const plain = (name: string) => ({ prefix: '', name });

describe('what is read', () => {
  test.each<[string, Requirement[]]>([
    ['k', [{ key: plain('k'), operator: 'exists' }]],
    ['!k', [{ key: plain('k'), operator: 'notExists' }]],
    ['k=v', [{ key: plain('k'), operator: 'in', values: ['v'] }]],
    ['k==v', [{ key: plain('k'), operator: 'in', values: ['v'] }]],
    ['k!=v', [{ key: plain('k'), operator: 'notIn', values: ['v'] }]],
    ['k in (a)', [{ key: plain('k'), operator: 'in', values: ['a'] }]],
    ['k in (a,b)', [{ key: plain('k'), operator: 'in', values: ['a', 'b'] }]],
    ['k notin (a,b)', [{ key: plain('k'), operator: 'notIn', values: ['a', 'b'] }]],
    ['p.q/k', [{ key: { prefix: 'p.q', name: 'k' }, operator: 'exists' }]],
    ['!P.q/K', [{ key: { prefix: 'P.q', name: 'K' }, operator: 'notExists' }]],
    ['p.q/k in (1.2-x_y)', [{ key: { prefix: 'p.q', name: 'k' }, operator: 'in', values: ['1.2-x_y'] }]],
    ['sub.cloudfoundry.org/k', [{ key: { prefix: 'sub.cloudfoundry.org', name: 'k' }, operator: 'exists' }]],
    ['in in (in,notin)', [{ key: plain('in'), operator: 'in', values: ['in', 'notin'] }]],
    ['notin', [{ key: plain('notin'), operator: 'exists' }]],
    [
      'a=1,!b,c in (x,y),d',
      [
        { key: plain('a'), operator: 'in', values: ['1'] },
        { key: plain('b'), operator: 'notExists' },
        { key: plain('c'), operator: 'in', values: ['x', 'y'] },
        { key: plain('d'), operator: 'exists' },
      ],
    ],
    [
      'k,k,k=v',
      [
        { key: plain('k'), operator: 'exists' },
        { key: plain('k'), operator: 'exists' },
        { key: plain('k'), operator: 'in', values: ['v'] },
      ],
    ],
  ])('%s', (text, requirements) => {
    expect(requirementsOf(text)).toEqual(requirements);
  });

  test.each([',a', 'a,', ',,a,,', 'a,,'])('the empty pieces of "%s" are skipped', (text) => {
    expect(requirementsOf(text)).toEqual([{ key: plain('a'), operator: 'exists' }]);
  });

  test.each([
    ['k=', 'in', []],
    ['k==', 'in', []],
    ['k in ()', 'in', []],
    ['k in (,)', 'in', []],
    ['k!=', 'notIn', []],
    ['k notin ()', 'notIn', []],
    ['k in (a,,b,)', 'in', ['a', 'b']],
  ])('"%s" names no empty value', (text, operator, values) => {
    expect(requirementsOf(text)).toEqual([{ key: plain('k'), operator, values }]);
  });

  test('fifty requirements are the most, and those that are empty do not count', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `k${index} in (a,b)`).join(',,');
    expect(requirementsOf(many(50))).toHaveLength(50);
    expect(problemOf(many(51))).toContain('50');
    expect(problemOf(many(51))).toContain('51');
  });
});

describe('what is refused', () => {
  test.each(['', ',', ',,,'])('"%s": missing', (text) => {
    expect(problemOf(text)).toContain('missing');
  });

  test.each([
    ' ',
    'k v',
    ' k',
    'k ',
    'a, b',
    'a ,b',
    '! k',
    '!!k',
    '!k=v',
    'k =v',
    'k!v',
    'k! =v',
    'k in',
    'k in a',
    'k in (a',
    'k in a)',
    'k in(a)',
    'k  in (a)',
    'k in  (a)',
    'k in (a) ',
    'k in (a)b',
    'k in (a)(b)',
    'k in ((a))',
    'k IN (a)',
    'k not in (a)',
    '!k in (a)',
    'k\tin\t(a)',
    'k in\n(a)',
    'k(a)',
    '(k)',
    'in (a)b',
  ])('%j: invalid', (text) => {
    expect(problemOf(text)).toContain('invalid');
  });

  test.each([
    ['=v', "the key '' in 'label_selector' is empty"],
    ['!', "the key '' in 'label_selector' is empty"],
    [' in (a)', "the key '' in 'label_selector' is empty"],
    ['a/b/c', "more than one '/'"],
    ['/k=v', 'no DNS name'],
    ['plain/k', 'no DNS name'],
    ['cloudfoundry.org/k', 'reserved'],
    ['!CLOUDFOUNDRY.org/k', 'reserved'],
    ['cloudfoundry.org/k notin ()', 'reserved'],
    ['a.b/', 'empty name'],
    ['k$', 'characters other'],
    ['k\t=v', 'characters other'],
    ['-k', 'begin and end'],
    ['k'.repeat(64), 'more than 63'],
    [`${'a.'.repeat(126)}ab/k`, 'more than 253'],
  ])('the key of %j: %s', (text, fault) => {
    expect(problemOf(text)).toContain(fault);
  });

  test.each([
    ['k= v', "the value ' v' in 'label_selector' has characters other"],
    ['k=v ', 'characters other'],
    ['k===v', 'characters other'],
    ['k!==v', 'characters other'],
    ['k=a=b', 'characters other'],
    ['k=(a,b)', 'characters other'],
    ['k in (a, b)', 'characters other'],
    ['k in ( a)', 'characters other'],
    ['k in (!a)', 'characters other'],
    ['k=v\n', 'characters other'],
    ['k=\u0000', 'characters other'],
    ['k=-v', 'begin and end'],
    [`k notin (a,${'v'.repeat(64)})`, 'more than 63'],
  ])('a value of %j: %s', (text, fault) => {
    expect(problemOf(text)).toContain(fault);
  });

  test('everything that is wrong is told', () => {
    const problem = problemOf('a b,good,-k=v w,x/y!=.');
    for (const part of ["'a b'", "'-k'", "'v w'", "'x/y'", "'.'"]) expect(problem).toContain(part);
    expect(problem).not.toContain('good');
  });

  test('a long text costs little to refuse', () => {
    const started = performance.now();
    for (const text of ['(', ')', '!', 'a.', 'k in (', '=', '(,', ' ']) problemOf(text.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('no text makes it fail', () => {
    const piece = fc.constantFrom('k', 'p.q/', '!', '=', ' in ', ' notin ', '(', ')', ',', 'v', ' ', '-');
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (selector) => {
        const parsed = parseLabelSelector(selector);
        if ('problem' in parsed) expect(parsed.problem).not.toBe('');
        else expect(parsed.requirements.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});

test('what is read matches what was written', () => {
  fc.assert(
    fc.property(fc.array(someRequirement, { minLength: 1, maxLength: 4 }), someLabels, (written, labels) => {
      const requirements = requirementsOf(written.map(({ text }) => text).join(','));
      const holds = written.every((requirement) =>
        requirement.holds(Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined),
      );
      expect(matchesSelector(labels, requirements)).toBe(holds);
    }),
    { numRuns: 2000 },
  );
});
