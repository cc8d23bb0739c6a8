import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openai } from '@llamaindex/openai';
import { agent } from '@llamaindex/workflow';
import { tool } from 'llamaindex';
import { z } from 'zod';
import { startRig } from '../support/rig.js';

let rig;

before(async () => { rig = await startRig(); });
after(() => rig?.stop());
beforeEach(async () => {
  await rig.model.reset();
  await rig.model.usesTools();
});

describe('LlamaIndex', () => {
  test('an agent calls its tool, and has a second turn', async () => {
    const asked = [];
    const weather = tool({ name: 'weather', description: 'Tells the weather.', parameters: z.object({ city: z.string() }), execute: ({ city }) => (asked.push(city), `fine in ${city}`) });
    const assistant = agent({ llm: openai({ model: 'gpt-4o-mini', apiKey: 'none', baseURL: rig.baseURL }), tools: [weather] });

    const first = await assistant.run('Please use weather.');
    const second = await assistant.run('thanks', { chatHistory: [{ role: 'user', content: 'Please use weather.' }, { role: 'assistant', content: first.data.result }] });

    assert.equal(first.data.result, 'It says: fine in Rome');
    assert.equal(second.data.result, 'Hello there');
    assert.deepEqual(asked, ['Rome']);
  });
});
