// Medusa as a shop runs it on one machine: PostgreSQL, its modules in their defaults, no admin pages.
const { defineConfig } = require('@medusajs/framework/utils');

const { DATABASE_URL, SECRET } = process.env;

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: DATABASE_URL,
    databaseDriverOptions: { ssl: false, connection: { ssl: false } },
    http: { storeCors: '*', adminCors: '*', authCors: '*', jwtSecret: SECRET, cookieSecret: SECRET },
  },
});
