// The comparison: installs Vendure, Medusa and PostgreSQL, sets up each shop with the same goods, and sends the same shoppers to each
// and to Russet, one shop after the other. Prints a table. Nothing is written outside of the folder `target/peers`.
//
//   node tests/peers/run.mjs [--shops russet,vendure,medusa] [--shoppers 300] [--stock 100] [--checkouts 50] [--port 3450] [--no-build]
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Postgres, install as installPostgres, version as postgresVersion } from './postgres.mjs';
import { load, processorMs } from './processes.mjs';
import { Medusa } from './shops/medusa.mjs';
import { Russet } from './shops/russet.mjs';
import { Vendure } from './shops/vendure.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const folder = process.env.PEERS_FOLDER ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'peers');
const SHOPS = { russet: Russet, vendure: Vendure, medusa: Medusa };
/** Checkouts before those that are measured. */
const WARM = 20;

const { values: asked } = parseArgs({
  options: {
    shops: { type: 'string', default: 'russet,vendure,medusa' },
    shoppers: { type: 'string', default: '300' },
    stock: { type: 'string', default: '100' },
    checkouts: { type: 'string', default: '50' },
    port: { type: 'string', default: '3450' },
    'no-build': { type: 'boolean', default: false },
  },
});
const [shoppers, stock, checkouts, port] = [asked.shoppers, asked.stock, asked.checkouts, asked.port].map(Number);

const percentile = (times, share) => [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * share))];
const milliseconds = (time) => (time === undefined ? '–' : time.toLocaleString('en', { maximumFractionDigits: time < 100 ? 1 : 0 }));

/** One checkout after the other: how long each takes, and what all of them cost in processor time. */
async function calm(shop, pids, database) {
  for (let warm = 0; warm < WARM; warm += 1) await shop.checkout('calm');
  const used = () => pids.map(processorMs).reduce((sum, each) => sum + each, 0);
  const [before, beforeDatabase] = [used(), database ? processorMs(database) : 0];
  const times = [];
  for (let done = 0; done < checkouts; done += 1) {
    const began = performance.now();
    await shop.checkout('calm');
    times.push(performance.now() - began);
  }
  const own = (used() - before) / checkouts;
  const withDatabase = own + ((database ? processorMs(database) : 0) - beforeDatabase) / checkouts;
  return { times, own, withDatabase };
}

/** All at once, for fewer goods than there are shoppers. */
async function rush(shop) {
  const began = performance.now();
  const ended = await Promise.all(
    Array.from({ length: shoppers }, async () => {
      const began = performance.now();
      const why = await shop.checkout('rush').then(() => undefined, (error) => error.message);
      return { why, time: performance.now() - began };
    }),
  );
  const reasons = {};
  for (const { why } of ended.filter((one) => one.why)) reasons[why] = (reasons[why] ?? 0) + 1;
  return { sold: ended.filter((one) => !one.why).length, reasons, times: ended.map((one) => one.time), seconds: (performance.now() - began) / 1000 };
}

async function measure(shop, postgres) {
  const needsDatabase = Boolean(shop.postgres);
  try {
    if (needsDatabase) await postgres.start();
    console.log(`${shop.name}: starting …`);
    const pids = await shop.start();
    console.log(`${shop.name}: ${checkouts} checkouts, one after the other …`);
    const quiet = await calm(shop, pids, needsDatabase ? postgres.child.pid : undefined);
    const before = await shop.truth();
    console.log(`${shop.name}: ${shoppers} shoppers at once for ${stock} …`);
    const loadThen = load();
    const busy = await rush(shop);
    const after = await shop.truth();
    const since = (name) => after[name] - before[name];
    return {
      shop: shop.name,
      version: shop.version(),
      requests: shop.requests,
      toldSold: busy.sold,
      failed: shoppers - busy.sold,
      sold: since('sold'),
      charged: since('charged'),
      oversold: Math.max(0, since('sold') - stock),
      orphans: after.orphans,
      left: after.left,
      seconds: busy.seconds,
      rush: { median: percentile(busy.times, 0.5), p99: percentile(busy.times, 0.99) },
      calm: { median: percentile(quiet.times, 0.5), p99: percentile(quiet.times, 0.99) },
      processor: quiet.own,
      processorWithDatabase: quiet.withDatabase,
      reasons: busy.reasons,
      load: loadThen,
    };
  } finally {
    await shop.stop();
    if (needsDatabase) await postgres.stop();
  }
}

function table(results) {
  const rows = [
    ['', ...results.map((one) => one.shop)],
    ['requests of one checkout', ...results.map((one) => one.requests)],
    [`${shoppers} at once for ${stock}: told that they bought`, ...results.map((one) => one.toldSold)],
    ['… refused or failed', ...results.map((one) => one.failed)],
    ['… sold by the books', ...results.map((one) => one.sold)],
    ['… charged', ...results.map((one) => one.charged)],
    ['… oversold', ...results.map((one) => one.oversold)],
    ['… orphans: money without an order, goods for nobody', ...results.map((one) => one.orphans)],
    ['… left in stock', ...results.map((one) => one.left)],
    ['… all answered after, s', ...results.map((one) => one.seconds.toFixed(1))],
    ['… a shopper’s whole way, median, ms', ...results.map((one) => milliseconds(one.rush.median))],
    ['… p99, ms', ...results.map((one) => milliseconds(one.rush.p99))],
    ['one after the other: whole way, median, ms', ...results.map((one) => milliseconds(one.calm.median))],
    ['… p99, ms', ...results.map((one) => milliseconds(one.calm.p99))],
    ['processor time of a checkout, ms', ...results.map((one) => milliseconds(one.processor))],
    ['… with the database, ms', ...results.map((one) => milliseconds(one.processorWithDatabase))],
    ['load of the machine then', ...results.map((one) => one.load)],
  ];
  const [head, ...body] = rows.map((row) => `| ${row.join(' | ')} |`);
  return [head, `|---${'|---:'.repeat(results.length)}|`, ...body].join('\n');
}

mkdirSync(folder, { recursive: true });
installPostgres();
const postgres = new Postgres(path.join(folder, 'postgres'), port, path.join(folder, 'postgres.log'));
// Drawn for this run: nobody else signs in there.
const secret = randomBytes(16).toString('hex');
const results = [];
for (const [number, name] of asked.shops.split(',').entries()) {
  const log = path.join(folder, `${name}.log`);
  if (existsSync(log)) rmSync(log);
  const shop = new SHOPS[name]({ here, root, folder, log, port: port + 1 + number, stock, postgres, secret, build: !asked['no-build'] });
  console.log(`${shop.name}: installing …`);
  await shop.install();
  results.push(await measure(shop, postgres));
}
const versions = [...results.map((one) => one.version), postgresVersion(), `Node ${process.version}`].join('; ');
const report = [
  `${cpus()[0].model}, ${cpus().length} threads; ${versions}`,
  '',
  table(results),
  '',
  ...results.flatMap((one) => [`${one.shop} refused with:`, ...Object.entries(one.reasons).map(([why, count]) => `  ${count} × ${why}`)]),
].join('\n');
writeFileSync(path.join(folder, 'report.md'), report + '\n');
writeFileSync(path.join(folder, 'report.json'), JSON.stringify(results, null, 2) + '\n');
console.log(`\n${report}`);
