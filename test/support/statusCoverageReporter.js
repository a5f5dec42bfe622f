const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const generated = join(__dirname, '..', '..', 'generated');

/** Statuses that an operation declares and no request can bring about, each with its reason. */
const excuses = [
  [(status, facts) => status === '403' && facts.role === 'any', 'every credential may call it'],
  [
    (status, facts) => !facts.surface && status === '422' && Object.keys(facts.body?.readOnly ?? {}).length === 0,
    'its body has no read-only member',
  ],
];

/** The operation table; each operation is one line of JSON in the generated file. */
function operations() {
  const text = readFileSync(join(generated, 'operations.ts'), 'utf8');
  return [...text.matchAll(/^ {2}(\w+): (\{.*\}),$/gm)].map(([, id, facts]) => [id, JSON.parse(facts)]);
}

/**
 * Fails a run of the whole suite in which an operation never answered a status that the contract names for it. Calls
 * note what they saw in `$TEST_FOLDER/seen` (test/support/portolan.ts); jest asks its reporters before the global
 * teardown removes that folder.
 */
class StatusCoverageReporter {
  constructor(globalConfig) {
    const { testPathPatterns, testNamePattern, onlyChanged, onlyFailures, findRelatedTests, runTestsByPath, shard } =
      globalConfig;
    const filters = [
      testNamePattern,
      onlyChanged,
      onlyFailures,
      findRelatedTests,
      runTestsByPath,
      shard,
      testPathPatterns?.patterns?.length,
    ];
    this.isWhole = !filters.some(Boolean);
  }

  onRunComplete(_contexts, results) {
    if (!this.isWhole || results.wasInterrupted || !process.env.TEST_FOLDER) return;
    const file = join(process.env.TEST_FOLDER, 'seen');
    const seen = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
    const contract = JSON.parse(readFileSync(join(generated, 'openapi.json'), 'utf8'));
    const unseen = operations().flatMap(([id, facts]) => {
      const declared = Object.keys(contract.paths[facts.path][facts.method].responses);
      return declared
        .filter((status) => !seen.has(`${id} ${status}`) && !excuses.some(([applies]) => applies(status, facts)))
        .map((status) => `${id} ${status}`);
    });
    if (unseen.length === 0) return;
    this.error = new Error(`The contract declares answers that no test has seen:\n  ${unseen.join('\n  ')}`);
    process.stderr.write(`\n${this.error.message}\n`);
  }

  getLastError() {
    return this.error;
  }
}

module.exports = StatusCoverageReporter;
