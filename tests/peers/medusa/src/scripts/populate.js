// Puts two products into the shop: one with as many pieces as the rush is for, one that never sells out. Tells what a shopper needs.
const { ContainerRegistrationKeys, Modules, ProductStatus } = require('@medusajs/framework/utils');
const flows = require('@medusajs/medusa/core-flows');
const fs = require('node:fs');

const stocks = { Rush: Number(process.env.STOCK), Calm: 1000000 };

async function run(container, flow, input) {
  return (await flow(container).run({ input })).result;
}

exports.default = async function populate({ container }) {
  const link = container.resolve(ContainerRegistrationKeys.LINK);
  const fulfilment = container.resolve(Modules.FULFILLMENT);
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const [store] = await container.resolve(Modules.STORE).listStores();
  const [channel] = await run(container, flows.createSalesChannelsWorkflow, { salesChannelsData: [{ name: 'Web' }] });
  await run(container, flows.updateStoresWorkflow, {
    selector: { id: store.id },
    update: { supported_currencies: [{ currency_code: 'eur', is_default: true }], default_sales_channel_id: channel.id },
  });
  const [region] = await run(container, flows.createRegionsWorkflow, {
    regions: [{ name: 'Europe', currency_code: 'eur', countries: ['de'], payment_providers: ['pp_system_default'] }],
  });
  await run(container, flows.createTaxRegionsWorkflow, [{ country_code: 'de', provider_id: 'tp_system' }]);
  const [location] = await run(container, flows.createStockLocationsWorkflow, {
    locations: [{ name: 'Warehouse', address: { city: 'Berlin', country_code: 'DE', address_1: '' } }],
  });
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_provider_id: 'manual_manual' },
  });
  let [profile] = await fulfilment.listShippingProfiles({ type: 'default' });
  if (!profile) {
    [profile] = await run(container, flows.createShippingProfilesWorkflow, { data: [{ name: 'Default', type: 'default' }] });
  }
  const set = await fulfilment.createFulfillmentSets({
    name: 'Delivery',
    type: 'shipping',
    service_zones: [{ name: 'Europe', geo_zones: [{ country_code: 'de', type: 'country' }] }],
  });
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_set_id: set.id },
  });
  await run(container, flows.createShippingOptionsWorkflow, [
    {
      name: 'Standard',
      price_type: 'flat',
      provider_id: 'manual_manual',
      service_zone_id: set.service_zones[0].id,
      shipping_profile_id: profile.id,
      type: { label: 'Standard', description: 'In three days', code: 'standard' },
      prices: [{ currency_code: 'eur', amount: 5 }],
      rules: [
        { attribute: 'enabled_in_store', value: 'true', operator: 'eq' },
        { attribute: 'is_return', value: 'false', operator: 'eq' },
      ],
    },
  ]);
  await run(container, flows.linkSalesChannelsToStockLocationWorkflow, { id: location.id, add: [channel.id] });
  const [key] = await run(container, flows.createApiKeysWorkflow, {
    api_keys: [{ title: 'Web', type: 'publishable', created_by: '' }],
  });
  await run(container, flows.linkSalesChannelsToApiKeyWorkflow, { id: key.id, add: [channel.id] });
  await run(container, flows.createProductsWorkflow, {
    products: Object.keys(stocks).map((name) => ({
      title: name,
      handle: name.toLowerCase(),
      status: ProductStatus.PUBLISHED,
      shipping_profile_id: profile.id,
      options: [{ title: 'Size', values: ['One'] }],
      variants: [
        { title: 'One', sku: name.toUpperCase(), options: { Size: 'One' }, prices: [{ amount: 19.99, currency_code: 'eur' }] },
      ],
      sales_channels: [{ id: channel.id }],
    })),
  });
  const { data: items } = await query.graph({ entity: 'inventory_item', fields: ['id', 'sku'] });
  const stock = (item) => stocks[Object.keys(stocks).find((name) => name.toUpperCase() === item.sku)];
  await run(container, flows.createInventoryLevelsWorkflow, {
    inventory_levels: items.map((item) => ({ location_id: location.id, stocked_quantity: stock(item), inventory_item_id: item.id })),
  });
  const { data: variants } = await query.graph({ entity: 'variant', fields: ['id', 'sku'] });
  const told = {
    key: key.token,
    region: region.id,
    variants: Object.fromEntries(variants.map((variant) => [variant.sku, variant.id])),
  };
  fs.writeFileSync(process.env.TOLD, JSON.stringify(told));
};
