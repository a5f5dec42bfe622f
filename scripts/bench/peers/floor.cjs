/** The floor: node:http and pg with prepared statements, answering the same row and issuing the same statements. */
const http = require('node:http');
const pg = require('pg');
const { readRegistry, lockRegistry, updateRegistry, insertAudit, updateValues, auditValues } = require('./statements.cjs');

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: 10 });

const read = (request, response) => {
  const id = request.url.slice('/api/registries/'.length);
  pool.query({ name: 'get', text: readRegistry, values: [id] }).then(({ rows }) => answer(response, rows[0]));
};

const write = (request, response) => {
  const id = request.url.slice('/api/registries/'.length);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const client = await pool.connect();
    await client.query('begin');
    await client.query({ name: 'lock', text: lockRegistry, values: [id] });
    const { rows } = await client.query({ name: 'update', text: updateRegistry, values: updateValues(body, id) });
    await client.query({ name: 'audit', text: insertAudit, values: auditValues(rows[0]) });
    await client.query('commit');
    client.release();
    answer(response, rows[0]);
  });
};

const answer = (response, row) => {
  const text = JSON.stringify({ registry: row });
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

http
  .createServer((request, response) => (request.method === 'PATCH' ? write(request, response) : read(request, response)))
  .listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
