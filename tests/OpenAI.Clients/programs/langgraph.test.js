import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { tool } from '@langchain/core/tools';
import { MemorySaver } from '@langchain/langgraph';
import { createReactAgent } from '@langchain/langgraph/prebuilt';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { startRig } from '../support/rig.js';
import '../support/tiktoken.js';

let rig;

before(async () => { rig = await startRig(); });
after(() => rig?.stop());
beforeEach(async () => {
  await rig.model.reset();
  await rig.model.usesTools();
});

describe('LangGraph', () => {
  for (const useResponsesApi of [false, true]) {
    test(`an agent calls its tool, and remembers by its checkpoints (${useResponsesApi ? 'responses' : 'chat'})`, async () => {
      const asked = [];
      const weather = tool(({ city }) => (asked.push(city), `fine in ${city}`), { name: 'weather', description: 'Tells the weather.', schema: z.object({ city: z.string() }) });
      const llm = new ChatOpenAI({ model: 'assistant', apiKey: 'none', configuration: { baseURL: rig.baseURL }, useResponsesApi });
      const agent = createReactAgent({ llm, tools: [weather], checkpointer: new MemorySaver() });
      const ask = async (content) => (await agent.invoke({ messages: [{ role: 'user', content }] }, { configurable: { thread_id: 'one' } })).messages.at(-1).text;

      assert.equal(await ask('Please use weather.'), 'It says: fine in Rome');
      assert.equal(await ask('thanks'), 'Hello there');

      assert.deepEqual(asked, ['Rome']);
      assert.equal((await rig.model.requests()).at(-1).messages.filter((m) => m.role !== 'system').length, 5);
    });

    test(`a streamed agent calls its tool and tells its answer in pieces (${useResponsesApi ? 'responses' : 'chat'})`, async () => {
      const asked = [];
      const weather = tool(({ city }) => (asked.push(city), `fine in ${city}`), { name: 'weather', description: 'Tells the weather.', schema: z.object({ city: z.string() }) });
      const llm = new ChatOpenAI({ model: 'assistant', apiKey: 'none', configuration: { baseURL: rig.baseURL }, useResponsesApi });
      const agent = createReactAgent({ llm, tools: [weather], checkpointer: new MemorySaver() });
      const ask = async (content) => {
        const pieces = [];
        for await (const [piece, { langgraph_node: node }] of await agent.stream({ messages: [{ role: 'user', content }] }, { configurable: { thread_id: 'one' }, streamMode: 'messages' })) {
          if (node === 'agent' && piece.text) pieces.push(piece.text);
        }
        return pieces;
      };

      const pieces = await ask('Please use weather.');
      assert.equal(pieces.join(''), 'It says: fine in Rome');
      assert.equal((await ask('thanks')).join(''), 'Hello there');

      assert.deepEqual(asked, ['Rome']);
      assert.ok(pieces.length > 1, JSON.stringify(pieces));
      assert.ok((await rig.model.requests()).every((r) => r.stream));
    });
  }
});
