// Requests as a shopper's browser sends them: JSON, on connections that stay open.
import http from 'node:http';

const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
/** How long a shopper waits for one answer. */
const PATIENCE = 300_000;

/** Sends one request; the answer's status, headers and JSON. */
export function ask(base, method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const length = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const request = http.request(new URL(path, base), { method, agent, headers: { ...length, ...headers } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        let json;
        try {
          json = JSON.parse(text);
        } catch {
          json = { text };
        }
        resolve({ status: response.statusCode, headers: response.headers, json });
      });
    });
    request.setTimeout(PATIENCE, () => request.destroy(new Error('no answer within five minutes')));
    request.on('error', reject);
    request.end(text);
  });
}

/** As [`ask`], for an answer that must be good. */
export async function good(base, method, path, body, headers) {
  const answer = await ask(base, method, path, body, headers);
  if (answer.status >= 300) throw new Refused(`${method} ${path.split('?')[0]}`, answer);
  return answer;
}

/** What a shop answered instead of selling. */
export class Refused extends Error {
  constructor(step, { status, json }) {
    const why = json?.code ?? json?.errorCode ?? json?.type ?? json?.message ?? json?.error?.message ?? '';
    // Ids in paths are everybody's own: without them the same reason reads the same.
    super(`${step.replace(/\/[a-z]+_[0-9A-Z]{20,}/g, '/…')}: ${status} ${String(why).slice(0, 80)}`);
  }
}
