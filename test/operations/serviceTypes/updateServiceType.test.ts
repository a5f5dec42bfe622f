import { unique } from '../../support/fixtures';
import { serviceKind, TypeScene, unknownId } from '../types/kinds';

const scene = new TypeScene(serviceKind);
const update = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  scene.call('update', '', { path: { id }, body, headers });

describe('200', () => {
  test('displayName: absent keeps, null is refused, a value is set', async () => {
    const type = await scene.type({ displayName: 'First' });
    expect((await update(type.id, {})).body.serviceType).toEqual(type);
    const refused = await update(type.id, { displayName: null });
    expect([refused.status, refused.body.field]).toEqual([400, 'displayName']);
    const answer = await update(type.id, { displayName: 'Second' });
    expect(answer.body.serviceType).toEqual({ ...type, displayName: 'Second', updatedAt: expect.any(String) });
    expect(answer.headers.etag).toMatch(/^"2\./);
  });

  test('a shipped type counts as customised, a type of a user does not', async () => {
    const [shipped, own] = [await scene.shipped(), await scene.type()];
    expect((await update(shipped.id, { displayName: 'Mine' })).body.serviceType.isCustomized).toBe(true);
    expect((await update(own.id, { displayName: 'Mine' })).body.serviceType.isCustomized).toBe(false);
  });

  test('a patch that changes nothing leaves version, time and history alone, and customises nothing', async () => {
    const type = await scene.shipped('nginx');
    const answer = await update(type.id, { displayName: type.displayName });
    expect([answer.headers.etag?.slice(0, 3), answer.body.serviceType]).toEqual(['"1.', type]);
    expect(await scene.audit(type.id)).toEqual([]);
  });

  test('the audit row holds both values', async () => {
    const { id } = await scene.type({ displayName: 'First' });
    await update(id, { displayName: 'Second' });
    const details = { changed: ['displayName'], before: { displayName: 'First' }, after: { displayName: 'Second' } };
    expect((await scene.audit(id))[1]).toMatchObject({ action: 'update', resource_type: 'service_type', details });
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await scene.type();
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { displayName: 'First' }, headers);
    await update(id, { displayName: 'Second' });
    expect((await update(id, { displayName: 'First' }, headers)).text).toBe(first.text);
    expect((await scene.get(id)).displayName).toBe('Second');
  });
});

test('400: a member without a letter is near to nothing', async () => {
  const answer = await update((await scene.type()).id, { '##': 'x' });
  expect([answer.status, answer.body.field, answer.body.hint]).toEqual([400, '["##"]', 'Known: displayName.']);
});

test('404: an unknown type, also with a bad body', async () => {
  for (const id of ['example', unknownId]) expect((await update(id, { displayName: '' })).status).toBe(404);
});

test('412: when If-Match names another version', async () => {
  const { id } = await scene.type();
  expect((await update(id, { displayName: 'A' }, { 'if-match': '"1.0"' })).status).toBe(200);
  expect((await update(id, { displayName: 'B' }, { 'if-match': '"1.0"' })).status).toBe(412);
});

describe('422', () => {
  test.each([
    ['name', 'It is set when the object is created and stays.'],
    ['commands', 'Commands have operations of their own, such as createServiceTypeCommand.'],
    ['isCustomized', 'resetServiceType clears it.'],
    ['source', 'Leave it out; Portolan sets it.'],
  ])('%s', async (member, hint) => {
    const { id } = await scene.type();
    const answer = await update(id, { [member]: null, displayName: 'Not applied' });
    expect([answer.status, answer.body.field, answer.body.hint]).toEqual([422, member, hint]);
    expect((await scene.get(id)).displayName).toBe('A type');
  });
});
