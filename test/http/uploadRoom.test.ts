import { UploadRoom } from '../../src/http/uploadRoom';

const mebibyte = 1024 * 1024;
const stays = () => {};
/** Whether a promise is settled once everything that waits for nothing has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

test('bodies are let in while there is room, and then in the order of coming', async () => {
  const room = new UploadRoom(10 * mebibyte, 60_000);
  const first = await room.take(6 * mebibyte, stays);
  const second = room.take(6 * mebibyte, stays);
  const third = room.take(2 * mebibyte, stays);
  // The third one would fit, and would make the second wait for ever if it always went first.
  expect([await settled(second), await settled(third)]).toEqual([false, false]);
  first();
  first();
  expect([await settled(second), await settled(third)]).toEqual([true, true]);
  const fourth = room.take(3 * mebibyte, stays);
  expect(await settled(fourth)).toBe(false);
  (await third)();
  expect(await settled(fourth)).toBe(true);
});

test('a body of the usual size is let in at once', async () => {
  const room = new UploadRoom(2 * mebibyte, 60_000);
  await room.take(2 * mebibyte, stays);
  expect(await settled(room.take(mebibyte, stays))).toBe(true);
});

test('one that is larger than the room has it alone', async () => {
  const room = new UploadRoom(2 * mebibyte, 60_000);
  const large = await room.take(500 * mebibyte, stays);
  const next = room.take(1.5 * mebibyte, stays);
  expect(await settled(next)).toBe(false);
  large();
  expect(await settled(next)).toBe(true);
});

test('whoever waits too long is told to come again, and whoever stood behind is let in', async () => {
  const room = new UploadRoom(10 * mebibyte, 20);
  const first = await room.take(6 * mebibyte, stays);
  const second = room.take(6 * mebibyte, stays);
  await expect(second).rejects.toMatchObject({ kind: 'unavailable', retryAfterSeconds: 5, headers: { Connection: 'close' } });
  await room.take(4 * mebibyte, stays);
  first();
});

test('a client that is gone waits no more', async () => {
  const room = new UploadRoom(10 * mebibyte, 60_000);
  const first = await room.take(8 * mebibyte, stays);
  let leave = () => {};
  const second = room.take(8 * mebibyte, (way) => {
    leave = way;
  });
  const third = room.take(2 * mebibyte, stays);
  leave();
  await expect(second).rejects.toMatchObject({ kind: 'unavailable' });
  (await third)();
  first();
  expect(await settled(room.take(10 * mebibyte, stays))).toBe(true);
});
