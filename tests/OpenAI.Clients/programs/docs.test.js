// The programs of docs/openai.md that need Node 22 run as they are there.
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
const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map((m) => m[1]);

let rig;

before(async () => { rig = await startShipped(); });
after(() => rig?.stop());

describe('docs', () => {
  for (const block of blocks) {
    test(`the program with ${/from '([^']+)'/.exec(block)[1]} runs`, async () => {
      // Inside of the package, so that its modules are found.
      const folder = await mkdtemp(fileURLToPath(new URL('../current/node_modules/.docs-', import.meta.url)));
      try {
        const file = path.join(folder, 'block.mjs');
        await writeFile(file, block.replaceAll('http://127.0.0.1:5080', rig.address));
        const { stdout } = await run(process.execPath, [file], { timeout: 60_000 });
        assert.equal(stdout, 'Echo: hi (0 earlier messages)\n');
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
