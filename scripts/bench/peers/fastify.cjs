/** Fastify and pg doing the same as the floor. */
const fastify = require('fastify');
const pg = require('pg');
const { readRegistry, lockRegistry, updateRegistry, insertAudit, updateValues, auditValues } = require('./statements.cjs');

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: 10 });
const app = fastify();

app.get('/api/registries/:id', async (request) => {
  const { rows } = await pool.query({ name: 'get', text: readRegistry, values: [request.params.id] });
  return { registry: rows[0] };
});

app.patch('/api/registries/:id', async (request) => {
  const client = await pool.connect();
  await client.query('begin');
  await client.query({ name: 'lock', text: lockRegistry, values: [request.params.id] });
  const { rows } = await client.query({ name: 'update', text: updateRegistry, values: updateValues(request.body, request.params.id) });
  await client.query({ name: 'audit', text: insertAudit, values: auditValues(rows[0]) });
  await client.query('commit');
  client.release();
  return { registry: rows[0] };
});

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' }).then(() => console.log('ready'));
