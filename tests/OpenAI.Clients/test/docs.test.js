// What docs/openai.md tells people to type is run as it stands there.
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
const page = await readFile(path.join(root, 'docs', 'openai.md'), 'utf8');
const blocks = (language) => [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((m) => m[1]);

let rig;

before(async () => { rig = await startShipped(); });
after(() => rig?.stop());

const here = (text) => text.replaceAll('http://127.0.0.1:5080', rig.address);

describe('docs/openai.md', () => {
  test('each JavaScript block runs', async () => {
    // Inside the package, so that its modules are found.
    const folder = await mkdtemp(fileURLToPath(new URL('../node_modules/.docs-', import.meta.url)));
    try {
      const outputs = [];
      for (const [i, block] of blocks('js').entries()) {
        const file = path.join(folder, `block-${i}.mjs`);
        await writeFile(file, here(block));
        outputs.push((await run(process.execPath, [file], { timeout: 60_000 })).stdout);
      }
      assert.equal(outputs[0], 'Echo: hi (0 earlier messages)\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('the commands run, one after the other', async () => {
    const { stdout } = await run('bash', ['-ec', here(blocks('sh').join('\n'))], { timeout: 60_000 });
    assert.doesNotMatch(stdout, /"code":"/);
    assert.match(stdout, /Echo: hi \(0 earlier messages\)/);
    assert.match(stdout, /Echo: Where do I go\? \(2 earlier messages\)/);
  });
});
