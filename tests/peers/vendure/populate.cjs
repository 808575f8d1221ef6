// Makes the tables and puts two products into the shop: one with as many pieces as the rush is for, one that never sells out.
const { bootstrap } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');
const fs = require('node:fs');
const path = require('node:path');
const { config } = require('./config.cjs');

const initialData = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  taxRates: [{ name: 'Standard Tax', percentage: 19 }],
  shippingMethods: [{ name: 'Standard Shipping', price: 500 }],
  paymentMethods: [
    { name: 'Trial', handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] } },
  ],
  countries: [{ code: 'DE', name: 'Germany', zone: 'Europe' }],
  collections: [],
};
const header =
  'name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets';
const row = (name, stock) => `${name},${name.toLowerCase()},A thing,,,,,${name.toUpperCase()},19.99,standard,${stock},true,,`;

async function main() {
  const products = path.join(__dirname, 'products.csv');
  fs.writeFileSync(products, [header, row('Rush', process.env.STOCK), row('Calm', 1000000)].join('\n') + '\n');
  const app = await populate(() => bootstrap(config), initialData, products);
  await app.close();
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
