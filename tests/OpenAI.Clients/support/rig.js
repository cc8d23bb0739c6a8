// The built host with a model server behind it, on loopback. One per test file.
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { built, Program, root } from './program.js';

const tool = { Plugin: 'memory' };

/**
 * @param sessions Settings of the host's section Sessions.
 * @param env Variables for the host.
 */
export async function startRig({ sessions = {}, env = {} } = {}) {
  const model = await startModel();
  const agent = { Model: { Client: 'openai', Model: 'stub', Endpoint: model.endpoint, ApiKeyEnvironment: '', MaxRetries: 0 } };
  return start(model, env, JSON.stringify({
    Agents: {
      assistant: { ...agent, Aliases: ['claude-*', 'gpt-4o-m*'], Instructions: 'Be brief.', Chain: [{ Plugin: 'sqlite-history', Options: { Path: 'data/sessions.db' } }] },
      rememberer: { ...agent, Chain: [{ Plugin: 'sqlite-history', Options: { Path: 'data/sessions.db' } }, tool] },
    },
    Sessions: { Store: { Plugin: 'sqlite-sessions', Options: { Path: 'data/sessions.db' } }, ...sessions },
  }));
}

/** The host as it ships: with the echo in the place of a model. */
export async function startShipped() {
  return start(undefined, {}, await readFile(path.join(root, 'config', 'appsettings.json'), 'utf8'));
}

async function start(model, env, configuration) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pluginhost-clients-'));
  const address = `http://127.0.0.1:${await freePort()}`;
  await mkdir(path.join(folder, 'config'));
  await writeFile(path.join(folder, 'config', 'appsettings.json'), configuration);
  const rig = new Rig(model, folder, address, { ...env, Server__Listen__0: address });
  await rig.start();
  return rig;
}

class Rig {
  #host;
  #env;

  constructor(model, folder, address, env) {
    this.#env = env;
    this.model = model;
    this.folder = folder;
    this.address = address;
    this.baseURL = `${address}/v1`;
  }

  async start() {
    this.#host = new Program(built('src/Host', 'pluginhost.dll'), { cwd: this.folder, env: this.#env });
    await this.#host.waitFor(/ serves on /);
  }

  /** Stops the host as a supervisor does, and starts it again on the same data. */
  async restart() {
    const code = await this.#host.stop();
    if (code !== 0) throw new Error(`The host ended with ${code}:\n${this.#host.text}`);
    await this.start();
  }

  async stop() {
    await this.#host.stop();
    await this.model?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A call of the native API, to see what the host holds. */
  async native(call) {
    const answer = await fetch(`${this.address}${call}`);
    if (!answer.ok) throw new Error(`${call}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

async function startModel() {
  const program = new Program(built('tests/ModelServer', 'ModelServer.dll'));
  const [, endpoint] = await program.waitFor(/^(http:\S+)$/m);
  const control = async (method, call, body) => {
    const answer = await fetch(new URL(`/control/${call}`, endpoint), { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${call}: ${answer.status} ${await answer.text()}`);
    return answer.text();
  };
  return {
    endpoint,
    stop: () => program.stop(),
    reset: () => control('POST', 'reset'),
    /** Lets the model call the tools that it is offered, when nothing is queued. */
    usesTools: () => control('POST', 'uses-tools'),
    /** What to answer next, one after the other; afterwards "Hello there". */
    reply: (...replies) => control('POST', 'replies', replies),
    /** The bodies that the model was sent. */
    requests: async () => JSON.parse(await control('GET', 'requests')).map((r) => r.body),
    release: (hold) => control('POST', `holds/${hold}/release`),
    reached: (hold) => control('GET', `holds/${hold}/reached`),
    abandoned: (hold) => control('GET', `holds/${hold}/abandoned`),
  };
}

export const call = (id, name, args) => ({ tool_calls: [{ id, name, arguments: JSON.stringify(args) }] });

/** What the model was sent, as `role: text`. */
export const said = (request) => request.messages.map((m) => `${m.role}: ${typeof m.content === 'string' ? m.content : (m.content ?? []).map((p) => p.text).join('')}`);

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
