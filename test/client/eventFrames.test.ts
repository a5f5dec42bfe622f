import fc from 'fast-check';
import { EventFrames } from '../../src/client/eventFrames';

const stream = [
  '\uFEFFretry: 2600',
  'id: 7-0',
  '',
  ': keeps it open',
  '',
  'id: 7-1',
  'event: operation',
  'data: {"a":',
  'data:  "ü"}',
  '',
  'event: resource_changed',
  'data',
  '',
  'id: 8-0',
  '',
  'event: cut',
  'data: off',
].join('\n');

const frames = [
  { id: '7-0', type: 'message', data: undefined, retryMs: 2600 },
  { id: '7-1', type: 'operation', data: '{"a":\n "ü"}', retryMs: undefined },
  { id: '7-1', type: 'resource_changed', data: '', retryMs: undefined },
  { id: '8-0', type: 'message', data: undefined, retryMs: undefined },
];

test.each([
  ['line feeds', '\n'],
  ['carriage returns', '\r'],
  ['both', '\r\n'],
])('frames are read with %s, wherever the stream is cut', (_, end) => {
  const text = stream.replace(/\n/g, end);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const reader = new EventFrames();
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const found = places.slice(1).flatMap((place, at) => reader.add(text.slice(places[at], place)));
      expect(found).toEqual(frames);
    }),
  );
});
