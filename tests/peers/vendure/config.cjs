// Vendure as a shop runs it: PostgreSQL, the default job queue and search, and the payment method that its package brings for trials.
const { DefaultJobQueuePlugin, DefaultLogger, DefaultSearchPlugin, LogLevel, dummyPaymentHandler } = require('@vendure/core');

const { PORT, DATABASE_PORT, DATABASE, SECRET, SYNCHRONIZE } = process.env;

exports.config = {
  apiOptions: { hostname: '127.0.0.1', port: Number(PORT), shopApiPath: 'shop-api', adminApiPath: 'admin-api' },
  authOptions: {
    tokenMethod: ['bearer'],
    requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: SECRET },
    cookieOptions: { secret: SECRET },
  },
  dbConnectionOptions: {
    type: 'postgres',
    host: '127.0.0.1',
    port: Number(DATABASE_PORT),
    username: 'postgres',
    database: DATABASE,
    synchronize: SYNCHRONIZE === 'yes',
    logging: false,
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  plugins: [DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true }), DefaultSearchPlugin.init({})],
  logger: new DefaultLogger({ level: LogLevel.Warn }),
};
