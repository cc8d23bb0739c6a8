import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { call, said, startRig } from '../support/rig.js';

let rig;

before(async () => { rig = await startRig(); });
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

const chat = (options = {}, headers = {}) => new ChatOpenAI({
  model: 'assistant', apiKey: 'none', maxRetries: 0, useResponsesApi: false, configuration: { baseURL: rig.baseURL, defaultHeaders: headers }, ...options,
});

const weather = tool(({ city }) => `fine in ${city}`, { name: 'weather', description: 'Tells the weather.', schema: z.object({ city: z.string() }) });

describe('LangChain: chat', () => {
  test('an answer with usage', async () => {
    const answer = await chat().invoke([new SystemMessage('Shout.'), new HumanMessage('hi')]);
    assert.equal(answer.content, 'Hello there');
    assert.equal(answer.usage_metadata.total_tokens, 9);
    assert.deepEqual(said((await rig.model.requests())[0]), ['system: Be brief.\nShout.', 'user: hi']);
  });

  test('the caller holds the transcript', async () => {
    const model = chat();
    const first = await model.invoke([new HumanMessage('one')]);
    await model.invoke([new HumanMessage('one'), first, new HumanMessage('two')]);
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
  });

  test('a session remembers, over a restart', async () => {
    const model = chat({}, { 'PluginHost-Session': randomUUID() });
    await model.invoke('one');
    await rig.restart();
    await model.invoke('two');
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
  });

  test('a stream', async () => {
    const pieces = [];
    let usage;
    for await (const chunk of await chat({ streamUsage: true }).stream('hi')) {
      if (chunk.content) pieces.push(chunk.content);
      usage = chunk.usage_metadata ?? usage;
    }
    assert.deepEqual(pieces, ['Hello', ' there']);
    assert.equal(usage.total_tokens, 9);
  });

  test('a tool loop', async () => {
    await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun.'] });
    const model = chat().bindTools([weather]);
    const asked = await model.invoke([new HumanMessage('weather?')]);
    assert.deepEqual(asked.tool_calls.map((c) => [c.id, c.name, c.args]), [['call_1', 'weather', { city: 'Rome' }]]);
    const result = await weather.invoke(asked.tool_calls[0]);
    assert.ok(result instanceof ToolMessage);
    const answer = await model.invoke([new HumanMessage('weather?'), asked, result]);
    assert.equal(answer.content, 'Sun.');
    const roles = (await rig.model.requests())[1].messages.map((m) => m.role);
    assert.deepEqual(roles, ['system', 'user', 'assistant', 'tool']);
  });

  test('a streamed tool call is put together', async () => {
    await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }));
    let whole;
    for await (const chunk of await chat().bindTools([weather]).stream('weather?')) whole = whole ? whole.concat(chunk) : chunk;
    assert.deepEqual(whole.tool_calls.map((c) => [c.id, c.name, c.args]), [['call_1', 'weather', { city: 'Rome' }]]);
  });

  test('structured output', async () => {
    await rig.model.reply({ text: ['{"city":"Rome"}'] });
    const structured = chat().withStructuredOutput(z.object({ city: z.string() }), { method: 'jsonSchema', name: 'city' });
    assert.deepEqual(await structured.invoke('where?'), { city: 'Rome' });
    await rig.model.reply(call('call_1', 'city', { city: 'Oslo' }));
    const called = chat().withStructuredOutput(z.object({ city: z.string() }), { method: 'functionCalling', name: 'city' });
    assert.deepEqual(await called.invoke('where?'), { city: 'Oslo' });
  });

  test('errors have status and code', async () => {
    await assert.rejects(chat({ model: 'nobody' }).invoke('hi'), (e) => e.status === 404 && e.code === 'model_not_found');
    await rig.model.reply({ error: 'overloaded' });
    await assert.rejects(async () => { for await (const _ of await chat().stream('hi')); }, /overloaded/);
  });

  test('an answer without text can be sent again', async () => {
    await rig.model.reply({ text: [''] });
    const empty = await chat().invoke('one');
    await chat().invoke([new HumanMessage('one'), new AIMessage(empty), new HumanMessage('two')]);
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'user: two']);
  });
});

describe('LangChain: responses', () => {
  const responses = (options = {}) => chat({ useResponsesApi: true, ...options });

  test('an answer, and a chain by the id of the last response', async () => {
    const first = await responses().invoke('one');
    assert.equal(first.text, 'Hello there');
    await responses().invoke([new HumanMessage('two')], { previous_response_id: first.response_metadata.id });
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
  });

  test('a stream', async () => {
    let text = '';
    for await (const chunk of await responses().stream('hi')) text += chunk.text;
    assert.equal(text, 'Hello there');
  });

  test('a tool loop', async () => {
    await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun.'] });
    const model = responses().bindTools([weather]);
    const asked = await model.invoke([new HumanMessage('weather?')]);
    assert.deepEqual(asked.tool_calls.map((c) => [c.id, c.name, c.args]), [['call_1', 'weather', { city: 'Rome' }]]);
    const answer = await model.invoke([new HumanMessage('weather?'), asked, await weather.invoke(asked.tool_calls[0])]);
    assert.equal(answer.text, 'Sun.');
  });
});
