import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Agent, OpenAIChatCompletionsModel, OpenAIConversationsSession, OpenAIResponsesModel, run, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { call, said, startRig } from '../support/rig.js';

let rig;
let client;

before(async () => {
  setTracingDisabled(true);
  rig = await startRig();
  client = new OpenAI({ baseURL: rig.baseURL, apiKey: 'none' });
});
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

const weather = (asked) => tool({
  name: 'weather',
  description: 'Tells the weather.',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => (asked.push(city), `fine in ${city}`),
});

describe('OpenAI Agents: chat completions', () => {
  const agent = (options = {}) => new Agent({ name: 'A', instructions: 'Shout.', model: new OpenAIChatCompletionsModel(client, 'assistant'), ...options });

  test('an agent answers, and goes on with its own history', async () => {
    const first = await run(agent(), 'one');
    assert.equal(first.finalOutput, 'Hello there');
    await run(agent(), [...first.history, { role: 'user', content: 'two' }]);
    assert.deepEqual(said((await rig.model.requests())[1]), ['system: Be brief.\nShout.', 'user: one', 'assistant: Hello there', 'user: two']);
  });

  test('a tool loop, streamed and not', async () => {
    for (const stream of [false, true]) {
      await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun', '.'] });
      const asked = [];
      const result = await run(agent({ tools: [weather(asked)] }), 'weather?', { stream });
      if (stream) {
        for await (const _ of result.toTextStream());
        await result.completed;
      }
      assert.equal(result.finalOutput, 'Sun.');
      assert.deepEqual(asked, ['Rome']);
    }
  });

  test('structured output', async () => {
    await rig.model.reply({ text: ['{"city":"Rome"}'] });
    const result = await run(agent({ outputType: z.object({ city: z.string() }) }), 'where?');
    assert.deepEqual(result.finalOutput, { city: 'Rome' });
  });

  test('a model that is not there is an error', async () => {
    await assert.rejects(run(agent({ model: new OpenAIChatCompletionsModel(client, 'nobody') }), 'hi'), (e) => e.status === 404 && e.code === 'model_not_found');
  });
});

describe('OpenAI Agents: responses', () => {
  const agent = (options = {}) => new Agent({ name: 'A', instructions: 'Shout.', model: new OpenAIResponsesModel(client, 'assistant'), ...options });

  test('a conversations session remembers, is read and cleared', async () => {
    const session = new OpenAIConversationsSession({ client });
    await run(agent(), 'one', { session });
    await rig.restart();
    const second = await run(agent(), 'two', { session });
    assert.equal(second.finalOutput, 'Hello there');
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
    assert.equal((await session.getItems()).length, 4);
    await session.clearSession();
  });

  test('a tool loop on a session, streamed and not', async () => {
    for (const stream of [false, true]) {
      const session = new OpenAIConversationsSession({ client });
      await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun', '.'] });
      const asked = [];
      const result = await run(agent({ tools: [weather(asked)] }), 'weather?', { session, stream });
      if (stream) {
        for await (const _ of result.toTextStream());
        await result.completed;
      }
      assert.equal(result.finalOutput, 'Sun.');
      assert.deepEqual(asked, ['Rome']);
      await run(agent(), 'and?', { session });
      const roles = (await rig.model.requests()).at(-1).messages.map((m) => m.role);
      assert.deepEqual(roles, ['system', 'user', 'assistant', 'tool', 'assistant', 'user']);
      await rig.model.reset();
    }
  });

  test('a chain by the id of the last response, and by the id of a conversation', async () => {
    const first = await run(agent(), 'one');
    await run(agent(), 'two', { previousResponseId: first.lastResponseId });
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
    const { id: conversationId } = await client.conversations.create();
    await run(agent(), 'three', { conversationId });
    await run(agent(), 'four', { conversationId });
    assert.deepEqual(said((await rig.model.requests())[3]).slice(1), ['user: three', 'assistant: Hello there', 'user: four']);
  });

  test('structured output', async () => {
    await rig.model.reply({ text: ['{"city":"Rome"}'] });
    const result = await run(agent({ outputType: z.object({ city: z.string() }) }), 'where?');
    assert.deepEqual(result.finalOutput, { city: 'Rome' });
  });
});
