// What docs/openai.md and docs/anthropic.md tell people to type is run as it is there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { root } from '../support/program.js';
import { startShipped } from '../support/rig.js';

const run = promisify(execFile);
const read = (name) => readFile(path.join(root, 'docs', name), 'utf8');
const pages = { 'openai.md': await read('openai.md'), 'anthropic.md': await read('anthropic.md') };
const blocks = (name, language) => [...pages[name].matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((m) => m[1]);

let rig;

before(async () => { rig = await startShipped(); });
after(() => rig?.stop());

const here = (text) => text.replaceAll('http://127.0.0.1:5080', rig.address);

describe('docs', () => {
  for (const name of Object.keys(pages)) {
    test(`each JavaScript block of ${name} runs`, async () => {
      // Inside the package, so that its modules are found.
      const folder = await mkdtemp(fileURLToPath(new URL('../node_modules/.docs-', import.meta.url)));
      try {
        const outputs = [];
        for (const [i, block] of blocks(name, 'js').entries()) {
          const file = path.join(folder, `block-${i}.mjs`);
          await writeFile(file, here(block));
          outputs.push((await run(process.execPath, [file], { timeout: 60_000 })).stdout);
        }
        assert.equal(outputs[0], 'Echo: hi (0 earlier messages)\n');
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  test('the commands of openai.md run, one after the other', async () => {
    const { stdout } = await run('bash', ['-ec', here(blocks('openai.md', 'sh').join('\n'))], { timeout: 60_000 });
    assert.doesNotMatch(stdout, /"code":"/);
    assert.match(stdout, /Echo: hi \(0 earlier messages\)/);
    assert.match(stdout, /Echo: Where do I go\? \(2 earlier messages\)/);
  });
});
