// Programs that are started, measured and ended: with all that they start themselves.
import { spawn } from 'node:child_process';
import { openSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Ticks of the kernel's clock in a second. */
const TICKS = 100;

/** Starts a program whose output goes to a log. */
export function start(program, words, { folder, env, log }) {
  const output = openSync(log, 'a');
  return spawn(program, words, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', output, output] });
}

/** Runs a program to its end. */
export async function run(program, words, options) {
  const child = start(program, words, options);
  const timer = setTimeout(() => endTree(child.pid), options.milliseconds ?? 900_000);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}: ${options.log}`);
}

function children(pid) {
  try {
    const lists = readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'));
    return lists.flatMap((list) => list.trim().split(' ').filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** A process and all below it. */
function tree(pid) {
  return [pid, ...children(pid).flatMap(tree)];
}

/** Milliseconds on a processor of a process, all below it, and all of them that have ended. */
export function processorMs(pid) {
  const ticks = tree(pid).map((one) => {
    try {
      const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1].split(' ');
      // utime, stime, and those of children that were waited for.
      return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    } catch {
      return 0;
    }
  });
  return (ticks.reduce((sum, each) => sum + each, 0) * 1000) / TICKS;
}

/** Ends a process and all below it. */
export async function endTree(pid) {
  const all = tree(pid);
  const tell = (signal) => {
    for (const one of all) {
      try {
        process.kill(one, signal);
      } catch {
        // It has ended.
      }
    }
  };
  tell('SIGTERM');
  await sleep(3000);
  tell('SIGKILL');
}

/** The machine's load of the last minute. */
export function load() {
  return readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
}
