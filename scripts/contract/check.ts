import { type Finding, isObject, type JsonObject, type Problem, toFindings } from './findings';
import { buildContract, type Contract, entries } from './model';
import { errorComponents, missingExamples, responseHeaders, successSchemas } from './rules/answers';
import { deprecationHeaders, deprecations } from './rules/deprecations';
import { invalidExamples } from './rules/examples';
import {
  operationIds,
  operationReleases,
  operationSecurity,
  operationTags,
  operationTexts,
  uniqueOperationIds,
} from './rules/identity';
import {
  idempotencyKeys,
  ifMatch,
  ifNoneMatch,
  listAnswers,
  listMarks,
  listParameters,
  pathParameters,
} from './rules/parameters';
import { operationPermissions, reveals } from './rules/permission';
import { externalRefs, unresolvedRefs, unusedComponents } from './rules/references';
import { closedResponses, openRequests, patchRequests, propertyNames, schemaNames } from './rules/schemas';
import { errorStatuses } from './rules/statuses';
import { readSource } from './source';

/** A rule is a pure function over the contract; its problems carry its name. */
export type Rule = (contract: Contract) => Problem[];

export const rules: Rule[] = [
  externalRefs,
  unresolvedRefs,
  unusedComponents,
  operationIds,
  uniqueOperationIds,
  operationTexts,
  operationTags,
  operationReleases,
  operationSecurity,
  operationPermissions,
  reveals,
  successSchemas,
  errorStatuses,
  errorComponents,
  responseHeaders,
  missingExamples,
  idempotencyKeys,
  ifMatch,
  ifNoneMatch,
  pathParameters,
  listParameters,
  listAnswers,
  listMarks,
  openRequests,
  closedResponses,
  patchRequests,
  propertyNames,
  schemaNames,
  invalidExamples,
  deprecations,
  deprecationHeaders,
];

/** Applies every rule to a document that is already parsed. */
export function checkDocument(root: JsonObject): Problem[] {
  const contract = buildContract(root);
  return rules.flatMap((rule) => rule(contract));
}

export interface CheckResult {
  operations: number;
  schemas: number;
  findings: Finding[];
  /** False when the file is no YAML at all, so that further tools have nothing to read. */
  readable: boolean;
}

/** Applies every rule to the text of a contract. */
export function checkContract(file: string, text: string): CheckResult {
  const source = readSource(file, text);
  const readable = !source.problems.some(({ rule }) => rule === 'yaml-syntax');
  const problems = readable ? checkDocument(source.root) : [];
  const components = isObject(source.root.components) ? source.root.components : {};
  return {
    operations: buildContract(source.root).operations.length,
    schemas: entries(components.schemas).length,
    findings: toFindings(source, [...source.problems, ...problems]),
    readable,
  };
}
