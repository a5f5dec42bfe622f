import { parsePrefer } from '../../../src/http/mock/prefer';

/** RFC 7240, section 2. */
const headers: [header: string | undefined, preferences: object][] = [
  [undefined, {}],
  ['', {}],
  ['code=404', { code: '404' }],
  ['Code = 404 ', { code: '404' }],
  ['code="404"', { code: '404' }],
  ['example=empty', { example: 'empty' }],
  ['example="a, b; \\"c\\""', { example: 'a, b; "c"' }],
  ['code=404, example=gone', { code: '404', example: 'gone' }],
  ['code=404; strict; why="a, b", example=gone', { code: '404', example: 'gone' }],
  ['respond-async, wait=10, code=503', { code: '503' }],
  ['code=404, code=500', { code: '404' }],
  ['code', {}],
  [',,;=', {}],
];

test.each(headers)('%j', (header, preferences) => expect(parsePrefer(header)).toEqual(preferences));
