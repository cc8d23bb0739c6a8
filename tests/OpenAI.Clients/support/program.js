// A program of the repository, as it was built, with what it writes. Ends with the tests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const configuration = process.env.CONFIGURATION ?? 'Debug';
const patience = 60_000;

export function built(project, assembly) {
  return path.join(root, project, 'bin', configuration, 'net10.0', assembly);
}

export class Program {
  #child;
  #text = '';
  #waiting = [];

  constructor(assembly, { cwd = root, env = {} } = {}) {
    // What this process was started with must not configure the host.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(Agents|Sessions|Server|Plugins|Logging)__|^(OTEL|OPENAI|PLUGINHOST)_/.test(name));
    this.#child = spawn('dotnet', [assembly], { cwd, env: { ...Object.fromEntries(inherited), ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => this.#take(text));
    }
    this.#child.on('exit', () => this.#check());
  }

  get text() {
    return this.#text;
  }

  /** Waits for something in what the program writes. */
  waitFor(pattern) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No ${pattern} within a minute:\n${this.#text}`)), patience);
      this.#waiting.push({ pattern, resolve, reject, timer });
      this.#check();
    });
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.stdin.end();
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), patience);
      await exit;
      clearTimeout(timer);
    }
    return this.#child.exitCode;
  }

  #take(text) {
    this.#text += text;
    this.#check();
  }

  #check() {
    const ended = this.#child.exitCode !== null || this.#child.signalCode !== null;
    this.#waiting = this.#waiting.filter(({ pattern, resolve, reject, timer }) => {
      const match = pattern.exec(this.#text);
      if (!match && !ended) return true;
      clearTimeout(timer);
      if (match) resolve(match);
      else reject(new Error(`The program ended before ${pattern}:\n${this.#text}`));
      return false;
    });
  }
}
