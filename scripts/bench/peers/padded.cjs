/** Portolan with its contract padded to 300 operations: the same handlers behind more routes. */
const { join } = require('node:path');

const dist = join(__dirname, '..', '..', '..', 'dist');
const { operations } = require(join(dist, 'generated', 'operations.js'));
const { handlers } = require(join(dist, 'src', 'operations', 'index.js'));
const validators = require(join(dist, 'generated', 'validators.js'));

for (let i = Object.keys(operations).length; i < 300; i++) {
  const id = `padding${i}`;
  operations[id] = { ...operations.getRegistry, path: `/api/padding-${i}/{id}` };
  handlers[id] = handlers.getRegistry;
  validators[`query_${id}`] = validators.query_getRegistry;
}
process.argv = [process.argv[0], join(dist, 'src', 'main.js'), 'serve'];
require(join(dist, 'src', 'main.js'));
