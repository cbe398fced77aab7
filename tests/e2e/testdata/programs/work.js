// Enough of a loop for the compiler to step in, then promises, a timer, files, a child and a worker thread.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

function primes(n) {
  const sieve = new Uint8Array(n + 1);
  let count = 0;
  for (let i = 2; i <= n; i++) {
    if (sieve[i]) continue;
    count++;
    for (let j = i * 2; j <= n; j += i) sieve[j] = 1;
  }
  return count;
}

if (!isMainThread) {
  parentPort.postMessage(primes(100000));
} else {
  (async () => {
    console.log('primes', primes(300000));
    const objects = Array.from({ length: 50000 }, (_, i) => ({ i, text: `item ${i % 97}` }));
    const groups = new Map();
    for (const o of objects) groups.set(o.text, (groups.get(o.text) ?? 0) + o.i);
    console.log('groups', groups.size, createHash('sha256').update(JSON.stringify([...groups])).digest('hex'));
    fs.writeFileSync('data.json', JSON.stringify(objects));
    console.log('file', JSON.parse(await fs.promises.readFile('data.json', 'utf8')).length);
    console.log('child', execFileSync('echo', ['hello']).toString().trim());
    await new Promise((resolve) => setTimeout(resolve, 10));
    console.log('worker', await new Promise((resolve) => new Worker(__filename).on('message', resolve)));
    console.error('done');
    process.exitCode = 6;
  })();
}
