// A PostgreSQL of the comparison's own: Debian's, with its defaults, on loopback, in a folder that goes with it.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The newest version that Debian has installed. */
function binaries() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((one, other) => Number(other) - Number(one)) : [];
  return versions.length > 0 ? `${root}/${versions[0]}/bin` : undefined;
}

/** Installs it from Debian where that may be done. */
export function install() {
  if (binaries()) return;
  if (process.getuid() !== 0) throw new Error('PostgreSQL is missing, and only root may install it: apt-get install postgresql');
  const apt = (...words) => execFileSync('apt-get', words, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'postgresql');
}

/** What it says of its version. */
export function version() {
  return execFileSync(`${binaries()}/postgres`, ['--version'], { encoding: 'utf8' }).trim();
}

/** A database server that runs. */
export class Postgres {
  constructor(folder, port, log) {
    this.folder = folder;
    this.port = port;
    this.log = log;
    // It refuses to run as root.
    this.as = process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--'] : [];
  }

  words(program, ...words) {
    const [first, ...rest] = [...this.as, `${binaries()}/${program}`, ...words];
    return [first, rest];
  }

  async start() {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    if (this.as.length > 0) execFileSync('chown', ['postgres', this.folder]);
    chmodSync(this.folder, 0o700);
    const [initdb, made] = this.words('initdb', '--pgdata', this.folder, '--username=postgres', '--auth=trust', '--encoding=UTF8');
    execFileSync(initdb, made, { stdio: 'ignore', cwd: '/' });
    const output = openSync(this.log, 'a');
    const [postgres, words] = this.words('postgres', '-D', this.folder, '-p', String(this.port), '-h', '127.0.0.1', '-k', this.folder);
    this.child = spawn(postgres, words, { stdio: ['ignore', output, output], cwd: '/' });
    for (let waited = 0; waited < 200; waited += 1) {
      try {
        this.query('postgres', 'select 1');
        return;
      } catch {
        await sleep(100);
      }
    }
    throw new Error(`PostgreSQL did not start: ${this.log}`);
  }

  /** The rows of a question, each as its columns. */
  query(database, sql) {
    const words = ['-X', '-q', '-A', '-t', '-F', '\t', '-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres', '-d', database, '-c', sql];
    const text = execFileSync(`${binaries()}/psql`, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return text.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
  }

  async stop() {
    if (!this.child || this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    // Told to the server itself: what started it may not pass a signal on.
    execFileSync(...this.words('pg_ctl', 'stop', '-D', this.folder, '-m', 'fast'), { stdio: 'ignore', cwd: '/' });
    await ended;
  }
}
