import { STATUS_CODES } from 'node:http';
import { type Contract, componentName, resolve } from '../contract';
import type { Product, Step, Wait } from '../walk/step';
import { draft07 } from './draft07';

/** The scripts of the collection, which Postman runs around each request. */

/** Before each request of the collection: what needs something that was not made would only fail once more. */
export const beforeEach = [
  '// A request that needs what was not made is left out: its variable is listed in the collection, and has no value.',
  'const names = [...JSON.stringify(pm.request).matchAll(/{{(\\w+)}}/g)].map((match) => match[1]);',
  'const missing = names.filter((name) => pm.collectionVariables.has(name) && !pm.variables.get(name));',
  'if (missing.length > 0) {',
  "  console.log(`Left out: ${pm.info.requestName} needs ${missing.join(', ')}.`);",
  '  pm.execution.skipRequest();',
  '}',
];

export function before(step: Step): string[] {
  if (!step.needsRegistry) return [];
  return [
    '// testRegistry has told whether a registry answers at {{registryUrl}}.',
    "if (pm.collectionVariables.get('registryAnswers') === 'no') {",
    '  console.log(`Left out: ${pm.info.requestName} needs a registry.`);',
    '  pm.execution.skipRequest();',
    '}',
  ];
}

/** The tests of a request, and what later requests need of its answer. */
export function after(contract: Contract, step: Step): string[] {
  const tests = [...statusTest(step), ...schemaTest(contract, step), ...products(step)];
  if (step.asksForRegistry) return [...registryProbe, ...tests];
  return step.wait ? repeated(step.wait, tests) : tests;
}

const text = (value: unknown): string =>
  JSON.stringify(value).replace(/^"(.*)"$/s, (_, inner: string) => `'${inner.replaceAll("'", "\\'").replaceAll('\\"', '"')}'`);

function statusTest({ statuses }: Step): string[] {
  const named = statuses.map((status) => `${status} ${STATUS_CODES[status]}`).join(' or ');
  const [first, ...others] = statuses;
  const check =
    others.length > 0
      ? `pm.expect(pm.response.code).to.be.oneOf(${JSON.stringify(statuses)})`
      : `pm.response.to.have.status(${first})`;
  return [`pm.test(${text(named)}, () => ${check});`];
}

function schemaTest(contract: Contract, { placed, statuses: [status] }: Step): string[] {
  const declared = placed.operation.responses[String(status)];
  const content = declared && resolve(contract, declared).content;
  if (!content) return ["pm.test('no body', () => pm.expect(pm.response.text()).to.equal(''));"];
  const type = Object.keys(content)[0] as string;
  const media = content[type];
  if (!media || !/json$/.test(type)) {
    const known = type === '*/*' ? '' : `.to.include(${text(type)})`;
    return [`pm.test(${text(type)}, () => pm.expect(pm.response.headers.get('Content-Type'))${known || ".to.be.a('string')"});`];
  }
  const name = componentName(media.schema);
  return [
    `if (pm.response.code === ${status}) {`,
    `  const schema = ${JSON.stringify(draft07(contract, media.schema))};`,
    `  pm.test(${text(name ? `the body is ${article(name)} ${name}` : 'the body is as the contract has it')}, () => pm.response.to.have.jsonSchema(schema));`,
    '}',
  ];
}

const article = (name: string): string => (/^[AEIO]/.test(name) ? 'an' : 'a');

function products({ products, statuses: [status] }: Step): string[] {
  if (products.length === 0) return [];
  return [
    `if (pm.response.code === ${status}) {`,
    ...products.map((product) => `  pm.collectionVariables.set('${product.variable}', ${found(product)});`),
    '}',
  ];
}

function found({ from }: Product): string {
  if ('body' in from)
    return `pm.response.json()${from.body
      .map((key) => (typeof key === 'number' ? `?.[${key}]` : `?.${key}`))
      .join('')
      .replace(/^\?/, '')}`;
  if (from.header === 'Location') return "pm.response.headers.get('Location').split('/').pop()";
  return `pm.response.headers.get('${from.header}')`;
}

const registryProbe = [
  '// Without a registry everything else still runs.',
  'const answers = ![502, 503].includes(pm.response.code);',
  "pm.collectionVariables.set('registryAnswers', answers ? 'yes' : 'no');",
  'if (!answers) {',
  "  console.log(`No registry answers at ${pm.variables.get('registryUrl')}: what needs one is left out.`);",
  '  return;',
  '}',
];

/** Asks again while the work goes on, for a minute at most. */
function repeated({ member, while: going, until }: Wait, tests: string[]): string[] {
  const state = `pm.response.json()${member.map((key) => `?.${key}`).join('')}`;
  return [
    `const goesOn = pm.response.code === 200 && ${JSON.stringify(going).replaceAll('"', "'")}.includes(${state});`,
    "const tries = Number(pm.collectionVariables.get('tries') || 0) + 1;",
    "pm.collectionVariables.set('tries', goesOn ? tries : 0);",
    'if (goesOn && tries < 240) {',
    `  // Asked again until it is ${until}; sent by itself, it is asked once.`,
    '  pm.execution.setNextRequest(pm.info.requestId);',
    '  setTimeout(() => {}, 250);',
    '  return;',
    '}',
    ...tests,
    `pm.test(${text(until)}, () => pm.expect(${until === 'finished' ? 'goesOn).to.equal(false' : `${state}).to.equal('${until}'`}));`,
  ];
}
