/**
 * node idleConnections.js <port> <count>: opens connections that say nothing, in a process of its own because each takes
 * a file. Tells `{ open, closed }` whenever nothing changed for a while.
 */
const { connect } = require('node:net');

const [port, count] = process.argv.slice(2).map(Number);
const tell = { open: 0, closed: 0 };
let pending = 0;
let changedAt = Date.now();
let told = '';
const change = (member, by) => {
  tell[member] += by;
  changedAt = Date.now();
};

let started = 0;
function openNext() {
  if (started === count) return;
  started++;
  pending++;
  const socket = connect(port, '127.0.0.1');
  let connected = false;
  socket.on('connect', () => {
    connected = true;
    pending--;
    change('open', 1);
    openNext();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if (connected) change('open', -1);
    else {
      pending--;
      openNext();
    }
    change('closed', 1);
  });
}
for (let i = 0; i < 100; i++) openNext();
setInterval(() => {
  const text = JSON.stringify(tell);
  if (started === count && pending === 0 && Date.now() - changedAt > 300 && text !== told) {
    told = text;
    process.stdout.write(`${text}\n`);
  }
}, 50);
