import { eventFrame, heartbeatFrame, openingFrame, resetFrame } from '../../../src/domain/events/frame';

const position = { transaction: 7411, sequence: 52 };

describe('frames', () => {
  test('an event has id, type and data, and ends with an empty line', () => {
    const frame = eventFrame({ position, type: 'operation', data: '{"a":1}' });
    expect(frame).toBe('id: 7411-52\nevent: operation\ndata: {"a":1}\n\n');
  });

  test('line breaks in data, of whatever kind, break no frame', () => {
    const frame = eventFrame({ position, type: 'operation', data: '{\n"a":\r\n1\r}' });
    expect(frame).toBe('id: 7411-52\nevent: operation\ndata: {\ndata: "a":\ndata: 1\ndata: }\n\n');
  });

  test('the first says when to come again, and with which id', () => {
    expect(openingFrame(2500, position)).toBe('retry: 2500\nid: 7411-52\n\n');
  });

  test('a heartbeat is a comment, and an id without an event', () => {
    expect(heartbeatFrame(position)).toBe(':\nid: 7411-52\n\n');
  });

  test('a gap is told as an event of its own', () => {
    expect(resetFrame(position, 'too_old')).toBe('id: 7411-52\nevent: reset\ndata: {"reason":"too_old"}\n\n');
  });
});
