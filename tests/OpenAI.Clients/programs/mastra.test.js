import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { z } from 'zod';
import { startRig } from '../support/rig.js';

let rig;

before(async () => { rig = await startRig(); });
after(() => rig?.stop());
beforeEach(async () => {
  await rig.model.reset();
  await rig.model.usesTools();
});

const models = {
  'by its own client': () => ({ providerId: 'pluginhost', modelId: 'assistant', url: rig.baseURL, apiKey: 'none' }),
  'by chat completions of the AI SDK': () => createOpenAI({ baseURL: rig.baseURL, apiKey: 'none' }).chat('assistant'),
  'by responses of the AI SDK': () => createOpenAI({ baseURL: rig.baseURL, apiKey: 'none' }).responses('assistant'),
};

describe('Mastra', () => {
  for (const [name, model] of Object.entries(models)) {
    for (const streamed of [false, true]) {
      test(`an agent calls its tool, and has a second turn, ${name} (${streamed ? 'streamed' : 'whole'})`, async () => {
        const asked = [];
        const weather = createTool({
          id: 'weather',
          description: 'Tells the weather.',
          inputSchema: z.object({ city: z.string() }),
          execute: async ({ city }) => (asked.push(city), { sky: `fine in ${city}` }),
        });
        const agent = new Agent({ id: 'a', name: 'A', instructions: 'Be kind.', model: model(), tools: { weather } });
        const ask = async (messages) => {
          if (!streamed) return agent.generate(messages, { maxSteps: 4 });
          const stream = await agent.stream(messages, { maxSteps: 4 });
          await stream.consumeStream();
          return { text: await stream.text, response: await stream.response };
        };

        const first = await ask('Please use weather.');
        const second = await ask([{ role: 'user', content: 'Please use weather.' }, ...first.response.messages, { role: 'user', content: 'thanks' }]);

        assert.match(first.text, /^It says: .*fine in Rome/);
        assert.deepEqual(asked, ['Rome']);
        assert.equal(second.text, 'Hello there');
      });
    }
  }
});
