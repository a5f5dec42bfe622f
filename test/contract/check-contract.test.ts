import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { checkContract, checkDocument } from '../../scripts/contract/check';
import { type Finding, renderFinding } from '../../scripts/contract/findings';
import { buildContract } from '../../scripts/contract/model';
import { errorStatuses } from '../../scripts/contract/rules/statuses';
import { type Any, boat, boats, faults, good, goodFile, goodText, health, json, schemas, withFault } from './fixtures/faults';
import { shipAt, ships, upload, withV3 } from './fixtures/v3';

const root = resolve(__dirname, '../..');

describe('the good contract', () => {
  test('has no findings', () => expect(checkDocument(good())).toEqual([]));

  test('may have what the marks allow', () => {
    const document = withFault((d) => {
      boats(d).get['x-list'] = 'short';
      boats(d).get.parameters = boats(d).get.parameters.filter((one: Any) => !['q', 'sort'].includes(one.name));
      boats(d).post['x-no-etag'] = true;
      boats(d).post['x-permission'].scope = null;
      boats(d).post['x-scope-of-resource'] = true;
      delete boats(d).post.responses['201'].headers.ETag;
    });
    expect(checkDocument(document)).toEqual([]);
  });

  test('may hold data that looks like keywords', () => {
    const document = withFault((d) => {
      schemas(d).Health.properties.default = { type: 'object' };
      schemas(d).Health.properties.examples = { type: 'object', example: { $ref: 'nowhere.yaml' } };
      json(health(d).responses['200']).example.default = { $ref: '#/nowhere' };
    });
    expect(checkDocument(document)).toEqual([]);
  });

  test('may close a request once for all branches of it', () => {
    const document = withFault((d) => {
      schemas(d).BoatCreate.oneOf = [{ type: 'object', required: ['kind'] }];
    });
    expect(checkDocument(document)).toEqual([]);
  });
});

describe('a planted fault is found, and nothing else', () => {
  test.each(faults)('%s: %s', (rule, _fault, plant, message) => {
    const problems = checkDocument(withFault(plant));
    expect([...new Set(problems.map((one) => one.rule))]).toEqual([rule]);
    expect(problems.map((one) => one.message).join('\n')).toMatch(message);
    for (const { wayOut } of problems) expect(wayOut).not.toBe('');
  });

  test.each([['schemas'], ['parameters'], ['headers'], ['responses'], ['examples'], ['requestBodies'], ['securitySchemes']])(
    'unused-component: in %s',
    (section) => {
      const document = withFault((d) => {
        const headers = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } };
        d.components[section] = { ...d.components[section], Stray: { description: 'Used by nothing.', headers } };
      });
      expect(checkDocument(document)).toEqual([
        expect.objectContaining({ rule: 'unused-component', at: ['components', section, 'Stray'] }),
      ]);
    },
  );

  test('unused-component: two that only use each other', () => {
    const document = withFault((d) => {
      schemas(d).Hen = { type: 'object', properties: { egg: { $ref: '#/components/schemas/Egg' } } };
      schemas(d).Egg = { type: 'object', properties: { hen: { $ref: '#/components/schemas/Hen' } } };
    });
    expect(checkDocument(document).map(({ at }) => at[2])).toEqual(['Hen', 'Egg']);
  });

  test('if-none-match: an ETag that cannot be sent back', () => {
    const problems = checkDocument(
      withFault((d) => {
        boat(d).get.parameters = [];
        delete boat(d).get.responses['304'];
        delete d.components.parameters.IfNoneMatch;
        delete d.components.responses.NotModified;
      }),
    );
    expect(problems.map(({ rule }) => rule)).toEqual(['if-none-match', 'if-none-match']);
  });
});

describe('error-statuses', () => {
  const operations: [string, (d: Any) => Any, string[]][] = [
    ['a public one', health, ['400', '500', '503']],
    ['a GET of one object', (d) => boat(d).get, ['400', '401', '403', '404', '429', '500', '503']],
    ['a list', (d) => boats(d).get, ['400', '401', '403', '404', '429', '500', '503']],
    ['a POST', (d) => boats(d).post, ['400', '401', '403', '404', '409', '413', '415', '422', '429', '500', '503']],
    ['a PATCH', (d) => boat(d).patch, ['400', '401', '403', '404', '409', '412', '413', '415', '422', '429', '500', '503']],
    ['a DELETE', (d) => boat(d).delete, ['400', '401', '403', '404', '409', '412', '429', '500', '503']],
  ];

  test.each(operations)('%s declares every one', (_name, operation, statuses) => {
    const errors = Object.keys(operation(good()).responses).filter((status) => /^[45]/.test(status));
    expect(errors).toEqual(statuses);
    for (const status of statuses) {
      const document = withFault((d) => delete operation(d).responses[status]);
      const problems = errorStatuses(buildContract(document));
      expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(`does not declare ${status} `)]);
    }
  });

  test('a public operation declares 429 unless it is not limited', () => {
    const problems = checkDocument(withFault((d) => delete health(d)['x-rate-limit']));
    expect(problems).toEqual([expect.objectContaining({ rule: 'error-statuses', message: expect.stringContaining('429') })]);
  });

  test('an array as a body needs no 422', () => {
    const document = withFault((d) => {
      schemas(d).BoatCreate = { type: 'array', items: { $ref: '#/components/schemas/CrewMember' } };
      json(boats(d).post.requestBody).example = [{ name: 'Jason' }];
      delete boats(d).post.responses['422'];
    });
    expect(checkDocument(document)).toEqual([]);
  });
});

describe('/v3', () => {
  test('has conventions of its own: other lists, no ETag, empty 202s, what is always refused, any of some scopes', () => {
    expect(checkDocument(withV3())).toEqual([]);
  });

  const planted: [rule: string, fault: string, plant: (d: Any) => unknown, message: RegExp][] = [
    ['list-parameters', 'a list without pages', (d) => ships(d).get.parameters.pop(), /listShips is a list without order_by/],
    ['list-answer', 'another envelope', (d) => schemas(d).V3ShipPage.required.pop(), /does not require resources/],
    [
      'property-name',
      'a member in the manner of /api',
      (d) => Object.assign(schemas(d).V3ShipUpdate.properties, { homePort: {} }),
      /homePort is not snake_case/,
    ],
    [
      'property-name',
      'a member of /api in the manner of /v3',
      (d) => Object.assign(schemas(d).Boat.properties, { home_port: {} }),
      /home_port is not camelCase/,
    ],
    [
      'response-headers',
      'an answer without the id that clients of /v3 look for',
      (d) => delete ships(d).get.responses['200'].headers['X-VCAP-Request-ID'],
      /200 of listShips does not declare X-VCAP-Request-ID/,
    ],
    [
      'response-headers',
      'a 202 that does not say where its job is',
      (d) => delete shipAt(d).delete.responses['202'].headers.Location,
      /202 of deleteShip does not declare Location/,
    ],
    [
      'operation-permission',
      'an empty anyScope',
      (d) => Object.assign(shipAt(d).patch['x-permission'], { anyScope: [] }),
      /updateShip has the anyScope \[\]/,
    ],
    [
      'operation-permission',
      'something else than scopes',
      (d) => Object.assign(shipAt(d).patch['x-permission'], { anyScope: ['write'] }),
      /has the anyScope \["write"\]/,
    ],
    [
      'operation-permission',
      'a scope beside them',
      (d) => Object.assign(shipAt(d).patch['x-permission'], { scope: 'boats:write' }),
      /and the scope "boats:write"/,
    ],
    [
      'success-schema',
      'an operation without success',
      (d) => delete upload(d).post['x-always-refused'],
      /uploadShip declares no success/,
    ],
    [
      'success-schema',
      'a success of what is always refused',
      (d) => Object.assign(shipAt(d).patch, { 'x-always-refused': true }),
      /updateShip has an x-always-refused that is not so/,
    ],
    [
      'success-schema',
      'an operation of /api that is always refused',
      (d) => Object.assign(boat(d).get, { 'x-always-refused': true }),
      /getBoat has an x-always-refused/,
    ],
    [
      'success-schema',
      'an empty answer that is no 202',
      (d) => delete shipAt(d).patch.responses['200'].content,
      /updateShip declares 200 without a body/,
    ],
  ];
  test.each(planted)('%s: %s', (rule, _fault, plant, message) => {
    const problems = checkDocument(withV3(plant)).filter((one) => one.rule !== 'unused-component');
    expect([...new Set(problems.map((one) => one.rule))]).toEqual([rule]);
    expect(problems.map((one) => one.message).join('\n')).toMatch(message);
  });

  const declared: [string, (d: Any) => Any, string[]][] = [
    ['a list', (d) => ships(d).get, ['400', '401', '403', '429', '500', '503']],
    ['a PATCH', (d) => shipAt(d).patch, ['400', '401', '403', '404', '409', '422', '429', '500', '503']],
    ['a DELETE', (d) => shipAt(d).delete, ['401', '403', '404', '409', '429', '500', '503']],
    ['what is always refused', (d) => upload(d).post, ['401', '403', '404', '409', '422', '429', '500', '503']],
  ];
  test.each(declared)('%s declares every status that its edge can answer', (_name, operation, statuses) => {
    expect(Object.keys(operation(withV3()).responses).filter((status) => /^[45]/.test(status))).toEqual(statuses);
    for (const status of statuses) {
      const problems = errorStatuses(buildContract(withV3((d) => delete operation(d).responses[status])));
      expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(`does not declare ${status} `)]);
    }
  });
});

describe('places', () => {
  test('a finding names its line', () => {
    const text = goodText.replace('operationId: getBoat\n', 'operationId: boat\n');
    const line = text.split('\n').findIndex((one) => one.includes('operationId: boat')) + 1;
    const [finding] = checkContract('good.yaml', text).findings;
    expect(finding && renderFinding(finding)).toMatch(`good.yaml:${line} operation-id: boat is not verbNoun in camelCase. Write`);
  });

  test('a fault of a shared component is told once', () => {
    const { findings } = checkContract(
      'good.yaml',
      goodText.replace(/(Unauthorized:\n.*\n.*\n.*\n) +WWW-Authenticate: .*\n/, '$1'),
    );
    expect(findings.map(({ rule }) => rule)).toEqual(['unused-component', 'response-headers']);
  });

  test('duplicate-key: both keys may be far apart', () => {
    const text = goodText.replace('  schemas:\n', '  schemas:\n    Health: { type: object }\n');
    const line = text.split('\n').findLastIndex((one) => one.startsWith('    Health:')) + 1;
    expect(checkContract('good.yaml', text).findings).toEqual([
      expect.objectContaining({ rule: 'duplicate-key', line, message: expect.stringContaining('Health') }),
    ]);
  });

  test('yaml-syntax: nothing else is checked', () => {
    const result = checkContract('good.yaml', `${goodText}\n  - [`);
    expect(result.readable).toBe(false);
    expect(new Set(result.findings.map(({ rule }) => rule))).toEqual(new Set(['yaml-syntax']));
  });
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-contract-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => {
    const command = ['--import', 'tsx', join(root, 'scripts/check-contract.ts'), ...args];
    return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  };

  test('passes a good contract', () => {
    const { status, stdout, stderr } = run(goodFile);
    expect([status, stdout, stderr]).toEqual([0, 'contract: 6 operations, 10 schemas, 0 problems\n', '']);
  }, 30_000);

  test('merges the findings of redocly and spectral', () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(
      file,
      stringify(
        withFault((d) => {
          schemas(d).Boat.properties.name.maxLenght = 9;
          delete boat(d).get.summary;
          delete d.info.contact;
        }),
      ),
    );
    const { status, stdout } = run(file, '--json');
    expect(status).toBe(1);
    const { problems, ...counts } = JSON.parse(stdout);
    expect(counts).toEqual({ file, operations: 6, schemas: 10 });
    const lines = stringify(parse(readFileSync(file, 'utf8'))).split('\n');
    expect(problems.map((one: Finding) => [one.rule, lines[one.line - 1]?.trim()])).toEqual([
      ['operation-text', 'get:'],
      ['redocly/struct', 'maxLenght: 9'],
      ['redocly/operation-summary', 'get:'],
      ['spectral/info-contact', 'info:'],
    ]);
  }, 60_000);

  test('explains itself, and refuses wrong usage', () => {
    expect(run('--help').stdout).toMatch(/^Usage: check-contract/);
    const missing = run('nowhere.yaml');
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('There is no file nowhere.yaml')]);
    expect(run('--jsno').status).toBe(2);
  }, 30_000);
});
