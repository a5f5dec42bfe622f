import { uuidv7 } from 'uuidv7';
import type { NewEvent } from '../../src/domain/events/event';
import { imageUpdateEvent, operationEvent, registryRefreshEvent } from '../../src/domain/events/told';
import { eventData } from '../../src/store/events';
import { openStream } from '../support/eventStream';
import { unique } from '../support/fixtures';
import { startPortolan } from '../support/portolan';
import { problems } from '../support/schemaProblems';

/** The data of each type of event is what the contract says. No answer validator looks into a stream. */

const sent = ({ environmentId, data }: NewEvent) => JSON.parse(eventData(environmentId, data));

const [environmentId, id] = [uuidv7(), uuidv7()];
const at = '2026-03-01T08:00:00.000Z';
const operation = {
  id,
  kind: 'registry.checkUpdates',
  state: 'running',
  resource_type: 'registry',
  resource_id: id,
  environment_id: environmentId,
  progress_done: 3,
  progress_total: 9,
  cancel_requested: false,
  updated_at: at,
};
const image = {
  environmentId,
  containerImageId: id,
  imageName: 'nginx',
  latestTag: '1.27',
  latestDigest: null,
  updateAvailable: true,
};
const refresh = {
  environmentId,
  registryId: id,
  status: 'failed',
  refreshedAt: at,
  error: { reason: 'dns', message: 'x', at },
} as const;

describe('the data of an event', () => {
  test.each([
    ['OperationEvent', operationEvent(operation)],
    [
      'OperationEvent',
      operationEvent({ ...operation, resource_type: null, resource_id: null, environment_id: null, progress_total: null }),
    ],
    ['ImageUpdateEvent', imageUpdateEvent(image)],
    ['RegistryEvent', registryRefreshEvent(refresh)],
    ['RegistryEvent', registryRefreshEvent({ ...refresh, status: 'ok', error: null })],
  ])('%s', (schema, event) => {
    expect(problems(schema, sent(event))).toEqual([]);
    expect(problems('Event', sent(event))).toEqual([]);
  });

  test('has every member that the contract requires', () => {
    const { imageName: _, ...less } = sent(imageUpdateEvent(image));
    expect(problems('ImageUpdateEvent', less)).not.toEqual([]);
  });

  test('ResourceChangedEvent and ResetEvent, as they come over a stream', async () => {
    const portolan = await startPortolan();
    const stream = await openStream(portolan, { lastEventId: 'none' });
    await portolan.call('createEnvironment', { body: { name: unique('env') } });
    const [reset, changed] = await stream.atLeast(2);
    expect([reset?.event, problems('ResetEvent', reset?.data)]).toEqual(['reset', []]);
    expect([changed?.event, problems('ResourceChangedEvent', changed?.data)]).toEqual(['resource_changed', []]);
    stream.close();
    await portolan.close();
  });
});
