// Medusa: one server, on PostgreSQL.
import { cpSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, good, Refused } from '../http.mjs';
import { endTree, run, start } from '../processes.mjs';

export class Medusa {
  name = 'Medusa';
  requests = 6;

  constructor({ here, folder, log, port, stock, postgres, secret }) {
    Object.assign(this, { here, folder: `${folder}/medusa`, log, port, postgres });
    this.base = `http://127.0.0.1:${port}`;
    this.told = `${folder}/medusa.json`;
    this.env = {
      DATABASE_URL: `postgres://postgres@127.0.0.1:${postgres.port}/medusa`,
      SECRET: secret,
      STOCK: stock,
      TOLD: this.told,
      NODE_ENV: 'production',
      MEDUSA_DISABLE_TELEMETRY: 'true',
      PORT: port,
    };
    this.number = 0;
  }

  async install() {
    cpSync(`${this.here}/medusa`, this.folder, { recursive: true });
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { folder: this.folder, log: this.log });
  }

  version() {
    return `Medusa ${JSON.parse(readFileSync(`${this.folder}/node_modules/@medusajs/medusa/package.json`, 'utf8')).version}, one server`;
  }

  async start() {
    this.postgres.query('postgres', 'create database medusa');
    const options = { folder: this.folder, log: this.log, env: this.env };
    const medusa = `${this.folder}/node_modules/.bin/medusa`;
    await run(medusa, ['db:migrate'], options);
    await run(medusa, ['exec', './src/scripts/populate.js'], options);
    const { key, region, variants } = JSON.parse(readFileSync(this.told, 'utf8'));
    Object.assign(this, { key, region, variants: { rush: variants.RUSH, calm: variants.CALM } });
    this.child = start(medusa, ['start', '--host', '127.0.0.1', '--port', String(this.port)], options);
    for (let waited = 0; !(await this.answers()); waited += 1) {
      if (waited > 1200 || this.child.exitCode !== null) throw new Error(`Medusa did not start: ${this.log}`);
      await sleep(100);
    }
    return [this.child.pid];
  }

  async answers() {
    try {
      return (await ask(this.base, 'GET', '/health')).status === 200;
    } catch {
      return false;
    }
  }

  /** One shopper, as its storefront does it. */
  async checkout(kind) {
    this.number += 1;
    const number = this.number;
    const post = async (path, body) =>
      (await good(this.base, 'POST', path, body, { 'x-publishable-api-key': this.key })).json;
    const address = { first_name: 'Ada', last_name: 'Lovelace', address_1: 'Lindenstr. 1', city: 'Berlin', postal_code: '10969', country_code: 'de' };
    const { cart } = await post('/store/carts', {
      region_id: this.region,
      email: `shopper${number}@example.com`,
      items: [{ variant_id: this.variants[kind], quantity: 1 }],
      shipping_address: address,
      billing_address: address,
    });
    const shipping = await good(this.base, 'GET', `/store/shipping-options?cart_id=${cart.id}`, undefined, {
      'x-publishable-api-key': this.key,
    });
    await post(`/store/carts/${cart.id}/shipping-methods`, { option_id: shipping.json.shipping_options[0].id });
    const { payment_collection: collection } = await post('/store/payment-collections', { cart_id: cart.id });
    await post(`/store/payment-collections/${collection.id}/payment-sessions`, { provider_id: 'pp_system_default' });
    const done = await post(`/store/carts/${cart.id}/complete`, {});
    if (done.type !== 'order') throw new Refused('complete', { status: 200, json: done.error ?? done });
  }

  /** What the tables say of the goods of the rush. */
  async truth() {
    const one = (sql) => Number(this.postgres.query('medusa', sql)[0][0]);
    const sold = one(
      `select coalesce(sum(i.quantity), 0) from order_item i join order_line_item l on l.id = i.item_id where l.variant_sku = 'RUSH'`,
    );
    const orders = one(`select count(*) from "order" where deleted_at is null and canceled_at is null`);
    const charged = one(`select count(*) from payment where canceled_at is null and deleted_at is null`);
    const left = one(
      `select v.stocked_quantity - v.reserved_quantity from inventory_level v join inventory_item i on i.id = v.inventory_item_id where i.sku = 'RUSH' and v.deleted_at is null`,
    );
    const reserved = one(
      `select coalesce(sum(r.quantity), 0) from reservation_item r join inventory_item i on i.id = r.inventory_item_id where i.sku = 'RUSH' and r.deleted_at is null`,
    );
    // Money without an order, and goods reserved for nobody.
    return { sold, orders, charged, orphans: Math.abs(charged - orders) + Math.abs(reserved - sold), left };
  }

  async stop() {
    if (this.child) await endTree(this.child.pid);
  }
}
