import { unique } from '../../support/fixtures';
import { type Kind, TypeScene, unknownId } from './kinds';

export function describeDeleteType(kind: Kind): TypeScene {
  const scene = new TypeScene(kind);
  const remove = (id: string, headers: Record<string, string> = {}) => scene.call('delete', '', { path: { id }, headers });

  describe('204', () => {
    test('the type and its commands are gone, and the audit row stays', async () => {
      const { id, name } = await scene.typeWith('one', 'two');
      expect((await remove(id)).status).toBe(204);
      expect((await scene.call('get', '', { path: { id } })).status).toBe(404);
      expect(
        await scene.portolan.sql('select id from type_commands where $1 in (service_type_id, database_type_id)', [id]),
      ).toEqual([]);
      const expected = {
        action: 'delete',
        operation_id: `delete${kind.name}`,
        resource_type: kind.resourceType,
        resource_name: name,
      };
      expect((await scene.audit(id))[1]).toEqual({ ...expected, details: null });
      expect((await remove(id)).status).toBe(404);
    });

    test('a shipped type can be deleted', async () => {
      const { id } = await scene.shipped();
      expect((await remove(id)).status).toBe(204);
    });

    test('an Idempotency-Key is acted on once', async () => {
      const { id } = await scene.type();
      const headers = { 'idempotency-key': unique('key') };
      await remove(id, headers);
      const again = await remove(id, headers);
      expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
    });
  });

  describe('404', () => {
    test.each(['example', unknownId])('%s', async (id) => {
      expect((await remove(id)).status).toBe(404);
    });
  });

  describe('412', () => {
    test('when If-Match names the version from before a command was added', async () => {
      const { id } = await scene.type();
      const etag = String((await scene.call('get', '', { path: { id } })).headers.etag);
      await scene.call('create', 'Command', { path: { id }, body: { name: 'a', displayName: 'A', command: 'a' } });
      const answer = await remove(id, { 'if-match': etag });
      expect(answer.status).toBe(412);
      expect((await remove(id, { 'if-match': answer.body.details.currentEtag })).status).toBe(204);
    });
  });
  return scene;
}
