import type { OperationId } from '../../../generated/operations';
import { unique } from '../../support/fixtures';
import { type Call, type Portolan, startPortolan } from '../../support/portolan';

/** Service types and database types follow the same rules: what is proved of one kind is proved of the other. */
export interface Kind {
  name: 'ServiceType' | 'DatabaseType';
  noun: string;
  member: 'serviceType' | 'databaseType';
  plural: 'serviceTypes' | 'databaseTypes';
  /** The member of a command that names its owner, and the one that stays null. */
  ownerId: 'serviceTypeId' | 'databaseTypeId';
  otherId: 'serviceTypeId' | 'databaseTypeId';
  path: string;
  table: string;
  resourceType: string;
  /** What a create body needs beside its names. */
  needed: object;
}

export const serviceKind: Kind = {
  name: 'ServiceType',
  noun: 'service type',
  member: 'serviceType',
  plural: 'serviceTypes',
  ownerId: 'serviceTypeId',
  otherId: 'databaseTypeId',
  path: '/api/settings/service-types',
  table: 'service_types',
  resourceType: 'service_type',
  needed: {},
};

export const databaseKind: Kind = {
  name: 'DatabaseType',
  noun: 'database type',
  member: 'databaseType',
  plural: 'databaseTypes',
  ownerId: 'databaseTypeId',
  otherId: 'serviceTypeId',
  path: '/api/settings/database-types',
  table: 'database_types',
  resourceType: 'database_type',
  needed: { connectionFields: [] },
};

export const unknownId = '01920000-0000-7000-8000-000000000000';

/** One service for a test file, with the operations of one kind at hand. */
export class TypeScene {
  portolan!: Portolan;

  constructor(readonly kind: Kind) {
    beforeAll(async () => {
      this.portolan = await startPortolan();
    });
    afterAll(() => this.portolan.close());
  }

  /** Calls an operation by what stands around the kind: `call('create', 'Command')` is createServiceTypeCommand. */
  call(verb: string, rest: string, call: Call = {}) {
    return this.portolan.call(`${verb}${this.kind.name}${rest}` as OperationId, call);
  }

  /** A type of a user. */
  async type(members: object = {}): Promise<any> {
    const body = { name: unique('type'), displayName: 'A type', ...this.kind.needed, ...members };
    const answer = await this.call('create', '', { body });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body[this.kind.member];
  }

  /** A type of a user with commands of these names. */
  typeWith(...names: string[]): Promise<any> {
    return this.type({ commands: names.map((name) => ({ name, displayName: name, command: `run ${name}` })) });
  }

  async get(id: string): Promise<any> {
    return (await this.call('get', '', { path: { id } })).body[this.kind.member];
  }

  /** A type that came with a file; both kinds have one named redis. */
  async shipped(name = 'redis'): Promise<any> {
    const answer = await this.call('list', 's', { query: { name } });
    return answer.body[this.kind.plural][0];
  }

  /** Audit rows about a type, oldest first. */
  audit(id: string): Promise<any[]> {
    const columns = 'action, operation_id, resource_type, resource_name, details';
    return this.portolan.sql(`select ${columns} from audit_logs where resource_id = $1 order by created_at, id`, [id]);
  }
}

/** Field and code of every problem of a refused request. */
export const problemsOf = (answer: { body: any }): [string, string][] =>
  answer.body.details.map(({ field, code }: { field: string; code: string }) => [field, code]);

/** Rows for `test.each`, each with a name that stays short. */
export const titled = <Row extends [object, ...unknown[]]>(rows: Row[]): [string, ...Row][] =>
  rows.map((row) => [JSON.stringify(row[0]).slice(0, 80), ...row]);
