import { join } from 'node:path';
import { type Contract, operationsOf, readContract } from '../../scripts/generate/contract';
import { usedBy, walkOf } from '../../scripts/generate/walk';
import { isExampleId } from '../../scripts/generate/walk/nouns';
import type { Step } from '../../scripts/generate/walk/step';
import { given } from '../../scripts/generate/walk/table';
import { variable, variablesIn } from '../../scripts/generate/walk/text';

const contract: Contract = readContract(join(__dirname, '..', '..'));
const { folders, cleanUp } = walkOf(contract);
const steps: Step[] = [...folders.flatMap((folder) => folder.steps), ...cleanUp];
const placeOf = (name: string): number => steps.findIndex((step) => step.name === name);
const stepOf = (name: string): Step => steps[placeOf(name)] as Step;

test('each operation has one step, and a second call of one says what it is for', () => {
  const names = steps.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const ids = operationsOf(contract).map(({ operation }) => operation.operationId);
  expect(names.filter((name) => !name.includes(': ')).sort()).toEqual([...ids].sort());
});

test('what a step uses was made before it, or is set by a person', () => {
  const known = new Set([...given.map(({ name }) => name), 'idempotencyKey']);
  for (const step of steps) {
    expect([step.name, usedBy(step).filter((name) => !known.has(name))]).toEqual([step.name, []]);
    for (const { variable: made } of step.products) known.add(made);
  }
});

test('nothing is used behind its deletion', () => {
  for (const [index, step] of cleanUp.entries()) {
    if (step.placed.method !== 'delete') continue;
    // What ends below its parent, such as the SSH key of an environment, has no id of its own.
    const own = step.placed.path.endsWith('}') ? variablesIn(step.path).at(-1) : undefined;
    if (own === undefined) continue;
    const later = cleanUp.slice(index + 1).filter((one) => variablesIn(one.path).includes(own));
    expect([step.name, later.map(({ name }) => name)]).toEqual([step.name, []]);
  }
});

test('no id of an example is sent', () => {
  const sent = steps.map(({ path, query, headers, body }) => [path, query, headers, body]);
  expect(JSON.stringify(sent)).not.toMatch(/01920000-0000-7000/);
});

test('an id of the examples stands for things of one noun', () => {
  const nouns = new Map<unknown, Set<unknown>>();
  for (const { placed } of steps)
    for (const { in: where, example, 'x-resource': noun } of placed.parameters)
      if (where === 'path' && isExampleId(example)) nouns.set(example, (nouns.get(example) ?? new Set()).add(noun));
  expect([...nouns].filter(([, named]) => named.size > 1)).toEqual([]);
  expect(nouns.size).toBeGreaterThan(10);
});

test('a folder has the operations of one tag, and only what needs later folders comes again', () => {
  for (const folder of folders) expect(new Set(folder.steps.map(({ tag }) => tag))).toEqual(new Set([folder.tag]));
  const again = folders.filter(({ continued }) => continued).flatMap((folder) => folder.steps.map(({ name }) => name));
  expect(again.length).toBeLessThan(10);
  expect(again).toContain('linkServiceToContainerImage');
});

test('a list is read when there is something in it', () => {
  expect(placeOf('listRegistries')).toBeGreaterThan(placeOf('createRegistry'));
  expect(placeOf('listServices')).toBeGreaterThan(placeOf('createService'));
});

test('the last step logs out, and the environment goes behind all that was in it', () => {
  expect(cleanUp.at(-1)?.name).toBe('logout');
  for (const name of ['deleteService', 'deleteServer', 'deleteSecret', 'deleteApp', 'deleteEnvironmentSsh'])
    expect(placeOf(name)).toBeLessThan(placeOf('deleteEnvironment'));
});

test('each deletion that goes on behind its answer is waited for', () => {
  const begun = steps.flatMap(({ products }, index) => (products.some((one) => one.variable === 'jobGuid') ? [index] : []));
  expect(begun.length).toBeGreaterThanOrEqual(3);
  for (const index of begun) expect(steps[index + 1]?.wait?.until).toBe('COMPLETE');
});

test('an id in a body is the variable of what it names', () => {
  expect(stepOf('createService').body).toMatchObject({
    value: { containerImageId: variable('containerImageId'), serviceTypeId: variable('serviceTypeId') },
  });
  expect(stepOf('createApp').body).toMatchObject({
    value: { relationships: { space: { data: { guid: variable('environmentId') } } } },
  });
  expect(stepOf('createConfigFile').body).toMatchObject({ value: { fragmentIds: [variable('configFragmentId')] } });
});

test('the same contract gives the same walk', () => {
  expect(JSON.stringify(walkOf(contract))).toBe(JSON.stringify({ folders, cleanUp }));
});

test('an operation whose id nothing makes is told by name', () => {
  const other = structuredClone(contract);
  other.paths['/v3/masts/{guid}'] = {
    get: { operationId: 'getMast', tags: ['cloud-foundry'], 'x-permission': { role: 'any' }, responses: { '200': {} } },
    parameters: [{ name: 'guid', in: 'path', schema: {} }],
  } as never;
  expect(() => walkOf(other)).toThrow('getMast: nothing makes what {guid} names.');
});
