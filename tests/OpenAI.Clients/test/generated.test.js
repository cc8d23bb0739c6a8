// The host's OpenAPI document: its rules, and the clients that are generated from it, used without edits.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startShipped } from '../support/rig.js';

const run = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => path.join(here, 'node_modules', '.bin', name);
const limit = { timeout: 240_000 };

let rig;
let folder;
let description;

before(async () => {
  rig = await startShipped();
  // Inside the package, so that the modules of the generated client are found.
  folder = await mkdtemp(path.join(here, 'node_modules', '.generated-'));
  description = path.join(folder, 'v1.json');
  await writeFile(description, await (await fetch(`${rig.address}/openapi/v1.json`)).text());
});
after(async () => {
  await rig?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe('the OpenAPI document', () => {
  test('has no error by the recommended rules, and no warning but that health refuses nothing', async () => {
    const { stdout } = await run(bin('redocly'), ['lint', '--format=json', description], { ...limit, cwd: folder });
    const { problems } = JSON.parse(stdout.slice(stdout.indexOf('{')));
    const surprising = problems.filter((p) => !(p.ruleId === 'operation-4xx-response' && p.location[0].pointer.startsWith('#/paths/~1health')));
    assert.deepEqual(surprising.map((p) => `${p.ruleId} ${p.message} ${p.location[0].pointer}`), []);
  });

  test('has the headers that callers need', async () => {
    const { paths } = JSON.parse(await readFile(description, 'utf8'));
    const headers = (call, method, status) => Object.keys(paths[call][method].responses[status].headers ?? {});
    assert.deepEqual(headers('/v1/sessions', 'post', 201), ['ETag', 'Location']);
    assert.deepEqual(headers('/v1/runs', 'post', 202), ['Idempotency-Replayed', 'Location', 'Run-Steered']);
    assert.deepEqual(headers('/v1/runs', 'post', 429), ['Retry-After']);
  });

  test('gives a TypeScript client: a run, a stream, an error', async () => {
    await run(bin('openapi-typescript'), [description, '-o', path.join(folder, 'api.d.ts')], limit);
    await cp(path.join(here, 'generated', 'typescript', 'client.mts'), path.join(folder, 'client.mts'));
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--skipLibCheck'];
    await run(bin('tsc'), [...options, path.join(folder, 'client.mts')], { ...limit, cwd: folder });
    await run(process.execPath, [path.join(folder, 'client.mjs'), rig.address], limit);
  });

  test('gives a C# client: a run, a stream, an error', async () => {
    // Outside the repository, whose build rules are not those of a stranger's program.
    const project = await mkdtemp(path.join(os.tmpdir(), 'pluginhost-kiota-'));
    const env = { ...process.env, KIOTA_UPDATE_CHECK: 'false', KIOTA_OFFLINE_ENABLED: 'true' };
    try {
      await cp(path.join(here, 'generated', 'csharp'), project, { recursive: true });
      await cp(path.join(here, '.config'), path.join(project, '.config'), { recursive: true });
      const dotnet = (...args) => run('dotnet', args, { ...limit, cwd: project, env });
      await dotnet('tool', 'restore');
      await dotnet('kiota', 'generate', '-l', 'CSharp', '-d', description, '-c', 'PluginHostClient', '-n', 'PluginHost.Client', '-o', 'Generated');
      await dotnet('build', '--nologo', '-v', 'q');
      const { stdout } = await dotnet('bin/Debug/net10.0/Client.dll', rig.address);
      assert.deepEqual(stdout.trim().split('\n'), [
        'run: Echo: hi (0 earlier messages)',
        'part: Echo: hi (0 earlier messages)',
        'stream: event: run.started … event: run.completed',
        'error: 404 /problems/session-not-found',
      ]);
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  });
});
