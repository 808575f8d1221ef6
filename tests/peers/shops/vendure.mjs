// Vendure: its server and its worker, on PostgreSQL.
import { cpSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, Refused } from '../http.mjs';
import { endTree, run, start } from '../processes.mjs';

const ORDER = '__typename ... on Order { id code state } ... on ErrorResult { errorCode message }';

export class Vendure {
  name = 'Vendure';
  requests = 7;

  constructor({ here, folder, log, port, stock, postgres, secret }) {
    Object.assign(this, { here, folder: `${folder}/vendure`, log, port, postgres });
    this.base = `http://127.0.0.1:${port}`;
    this.env = { PORT: port, DATABASE_PORT: postgres.port, DATABASE: 'vendure', STOCK: stock, SECRET: secret, NODE_ENV: 'production' };
    this.number = 0;
  }

  async install() {
    cpSync(`${this.here}/vendure`, this.folder, { recursive: true });
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { folder: this.folder, log: this.log });
  }

  version() {
    return `Vendure ${JSON.parse(readFileSync(`${this.folder}/node_modules/@vendure/core/package.json`, 'utf8')).version}, server and worker`;
  }

  async start() {
    this.postgres.query('postgres', 'create database vendure');
    const options = { folder: this.folder, log: this.log, env: this.env };
    await run('node', ['populate.cjs'], { ...options, env: { ...this.env, SYNCHRONIZE: 'yes' } });
    this.children = ['server.cjs', 'worker.cjs'].map((file) => start('node', [file], options));
    for (let waited = 0; !(await this.answers()); waited += 1) {
      if (waited > 1200 || this.children[0].exitCode !== null) throw new Error(`Vendure did not start: ${this.log}`);
      await sleep(100);
    }
    const rows = this.postgres.query('vendure', 'select sku, id from product_variant');
    this.variants = Object.fromEntries(rows.map(([sku, id]) => [sku.toLowerCase(), id]));
    return this.children.map((child) => child.pid);
  }

  async answers() {
    try {
      return (await ask(this.base, 'GET', '/health')).status === 200;
    } catch {
      return false;
    }
  }

  /** One shopper, as a storefront does it: each step is a mutation of its own. */
  async checkout(kind) {
    this.number += 1;
    const number = this.number;
    let token;
    const mutate = async (step, query, variables) => {
      const headers = token ? { authorization: `Bearer ${token}` } : {};
      const answer = await ask(this.base, 'POST', '/shop-api', { query, variables }, headers);
      token = answer.headers['vendure-auth-token'] ?? token;
      if (answer.json.errors) throw new Refused(step, { status: answer.status, json: answer.json.errors[0] });
      const result = Object.values(answer.json.data)[0];
      if (result?.errorCode) throw new Refused(step, { status: answer.status, json: result });
      return result;
    };
    const variant = this.variants[kind];
    await mutate('add', `mutation ($id: ID!) { addItemToOrder(productVariantId: $id, quantity: 1) { ${ORDER} } }`, { id: variant });
    await mutate(
      'customer',
      `mutation ($input: CreateCustomerInput!) { setCustomerForOrder(input: $input) { ${ORDER} } }`,
      { input: { firstName: 'Ada', lastName: 'Lovelace', emailAddress: `shopper${number}@example.com` } },
    );
    await mutate(
      'address',
      `mutation ($input: CreateAddressInput!) { setOrderShippingAddress(input: $input) { ${ORDER} } }`,
      { input: { fullName: 'Ada Lovelace', streetLine1: 'Lindenstr. 1', city: 'Berlin', postalCode: '10969', countryCode: 'DE' } },
    );
    const methods = await mutate('shipping methods', '{ eligibleShippingMethods { id } }');
    await mutate('shipping', `mutation ($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { ${ORDER} } }`, {
      id: [methods[0].id],
    });
    await mutate('arrange', `mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ... on Order { id state } ... on OrderStateTransitionError { errorCode message transitionError } } }`);
    const paid = await mutate('pay', `mutation ($input: PaymentInput!) { addPaymentToOrder(input: $input) { ${ORDER} } }`, {
      input: { method: 'trial', metadata: {} },
    });
    if (paid.state !== 'PaymentSettled') throw new Error(`the order is ${paid.state}`);
  }

  /** What the tables say of the goods of the rush. */
  async truth() {
    const one = (sql) => Number(this.postgres.query('vendure', sql)[0][0]);
    const paid = `select count(*) from "order" where state = 'PaymentSettled'`;
    const charged = one(`select count(*) from payment where state = 'Settled'`);
    const sold = one(
      `select coalesce(sum(l.quantity), 0) from order_line l join "order" o on o.id = l."orderId" join product_variant v on v.id = l."productVariantId" where o.state = 'PaymentSettled' and v.sku = 'RUSH'`,
    );
    const left = one(
      `select s."stockOnHand" - s."stockAllocated" from stock_level s join product_variant v on v.id = s."productVariantId" where v.sku = 'RUSH'`,
    );
    const orders = one(paid);
    const unpaid = one(
      `select count(*) from payment p join "order" o on o.id = p."orderId" where p.state = 'Settled' and o.state <> 'PaymentSettled'`,
    );
    return { sold, orders, charged, orphans: unpaid + Math.abs(charged - orders), left };
  }

  async stop() {
    for (const child of this.children ?? []) await endTree(child.pid);
  }
}
