import { parseQuery } from '../../src/http/requestQuery';

const table = {
  limit: { type: 'integer', default: 100 },
  flag: { type: 'boolean' },
  name: { type: 'array' },
  type: { type: 'array', commaFree: true },
  q: { type: 'string' },
};
const values = (raw: string) => parseQuery(raw, table).values;

describe('values', () => {
  test.each([
    ['', { limit: 100 }],
    ['limit=7&flag=true', { limit: 7, flag: true }],
    ['limit=7.0', { limit: '7.0' }],
    ['flag=TRUE', { limit: 100, flag: 'TRUE' }],
    ['name=a,b', { limit: 100, name: ['a', 'b'] }],
    ['name=a%2Cb', { limit: 100, name: ['a,b'] }],
    ['type=a%2Cb,c', { limit: 100, type: ['a', 'b', 'c'] }],
    ['q=a+b%20c', { limit: 100, q: 'a b c' }],
    ['&&q=%C3%A9&', { limit: 100, q: 'é' }],
    ['__proto__=1', { limit: 100, ['__proto__']: '1' }],
  ])('%s', (raw, expected) => {
    expect(values(raw)).toEqual(expected);
  });
});

describe('what cannot be read', () => {
  test.each([
    ['q=%zz', 'q'],
    ['q=%C3', 'q'],
    ['q=%00', 'q'],
    ['q=1&q=2', 'q'],
    ['%zz=1', '%zz'],
  ])('%s', (raw, field) => {
    expect(parseQuery(raw, table).issues).toMatchObject([{ in: 'query', field, code: 'unparsable' }]);
  });
});
