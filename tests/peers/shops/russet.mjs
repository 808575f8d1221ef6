// Russet: the release build of the local run, on disk, with its stand-ins and its payment sandbox in the same process.
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, good } from '../http.mjs';
import { endTree, run, start } from '../processes.mjs';

export class Russet {
  name = 'Russet';
  requests = 3;

  constructor({ root, folder, log, port, stock, build }) {
    Object.assign(this, { root, build, data: `${folder}/russet-data`, log, port, stock });
    this.base = `http://127.0.0.1:${port}`;
    this.number = 0;
  }

  async install() {
    if (!this.build) return;
    await run('cargo', ['build', '--release', '-p', 'local'], { folder: this.root, log: this.log, milliseconds: 3_600_000 });
  }

  version() {
    return `Russet ${readFileSync(`${this.root}/Cargo.toml`, 'utf8').match(/^version = "(.+)"/m)[1]}, release build, on disk`;
  }

  async start() {
    rmSync(this.data, { recursive: true, force: true });
    const program = `${process.env.CARGO_TARGET_DIR ?? `${this.root}/target`}/release/local`;
    this.child = start(program, ['--port', String(this.port), '--data', this.data, '--no-web'], { folder: this.root, log: this.log });
    for (let waited = 0; !this.said().includes(`ready ${this.base}`); waited += 1) {
      if (waited > 300 || this.child.exitCode !== null) throw new Error(`Russet did not start: ${this.log}`);
      await sleep(100);
    }
    this.token = this.said().match(/rst_admin_[\w-]+/g).at(-1);
    this.skus = { rush: await this.product('Rush', this.stock), calm: await this.product('Calm', 1_000_000) };
    return [this.child.pid];
  }

  said() {
    return readFileSync(this.log, 'utf8');
  }

  staff() {
    return { authorization: `Bearer ${this.token}` };
  }

  async product(name, units) {
    const body = { name, price: '19.99', stock_quantity: units };
    const made = await good(this.base, 'POST', '/api/products', body, { ...this.staff(), 'idempotency-key': `make-${name}` });
    return made.json.variants[0].sku;
  }

  /** One shopper: asks what it costs, pays, reads the order. */
  async checkout(kind) {
    this.number += 1;
    const number = this.number;
    // Limits are by shopper and by address: each shopper comes from their own.
    const from = { 'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}` };
    const items = [{ sku: this.skus[kind], quantity: 1 }];
    const quote = await good(this.base, 'POST', '/api/quotes', { items, country: 'DE' }, from);
    const body = {
      quote: quote.json.quote,
      email: `shopper${number}@example.com`,
      address: { name: 'Ada Lovelace', line1: 'Lindenstr. 1', city: 'Berlin', postal_code: '10969', country: 'DE' },
      payment: { method: 'card', token: 'tok_approve' },
    };
    const key = { 'idempotency-key': `shopper-${number}` };
    const placed = await good(this.base, 'POST', '/api/orders', body, { ...from, ...key });
    const cookie = placed.headers['set-cookie'].map((line) => line.split(';')[0]).join('; ');
    const order = await good(this.base, 'GET', `/api/orders/${placed.json.id}`, undefined, { ...from, cookie });
    if (order.json.status !== 'processing') throw new Error(`the order is ${order.json.status}`);
  }

  /** What the books say of the goods of the rush. */
  async truth() {
    const look = async () => (await good(this.base, 'GET', `/admin/stock/${this.skus.rush}`, undefined, this.staff())).json;
    let stock = await look();
    for (let waited = 0; stock.held > 0 && waited < 600; waited += 1) {
      await sleep(100);
      stock = await look();
    }
    const paid = await this.paid();
    const { payments } = (await ask(this.base, 'GET', '/_sandbox/payments/ledger')).json;
    const charged = payments.filter((payment) => payment.status === 'captured').length;
    return { sold: stock.sold, orders: paid, charged, orphans: Math.abs(charged - paid) + stock.held, left: stock.available };
  }

  async paid() {
    let count = 0;
    let path = '/admin/orders?state=paid&limit=100';
    for (;;) {
      const { json } = await good(this.base, 'GET', path, undefined, this.staff());
      count += json.items.length;
      if (!json.next_cursor) return count;
      path = `/admin/orders?state=paid&limit=100&cursor=${encodeURIComponent(json.next_cursor)}`;
    }
  }

  async stop() {
    if (this.child) await endTree(this.child.pid);
  }
}
