import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { call, said, startRig } from '../support/rig.js';

let rig;
let openai;

before(async () => {
  rig = await startRig({ sessions: { OnDisconnect: 'cancel' } });
  openai = createOpenAI({ baseURL: rig.baseURL, apiKey: 'none' });
});
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

const weather = (asked) => tool({
  description: 'Tells the weather.',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => (asked.push(city), `fine in ${city}`),
});

// The host's model calls the caller's tool, the caller runs it, and the model answers: whole, and as a stream.
const toolLoop = async (target) => {
  const options = (asked) => ({ ...target, prompt: 'weather?', tools: { weather: weather(asked) }, stopWhen: stepCountIs(3) });
  for (const run of [
    async (asked) => (await generateText(options(asked))).text,
    async (asked) => streamText(options(asked)).text,
  ]) {
    await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun.'] });
    const asked = [];
    assert.equal(await run(asked), 'Sun.');
    assert.deepEqual(asked, ['Rome']);
  }
};

describe('AI SDK: chat', () => {
  test('text, usage and the reason of the end', async () => {
    const { text, usage, finishReason } = await generateText({ model: openai.chat('assistant'), prompt: 'hi' });
    assert.deepEqual([text, usage.inputTokens, usage.outputTokens, finishReason], ['Hello there', 7, 2, 'stop']);
  });

  test('a session remembers, over a restart', async () => {
    const headers = { 'PluginHost-Session': randomUUID() };
    await generateText({ model: openai.chat('assistant'), prompt: 'one', headers });
    await rig.restart();
    await generateText({ model: openai.chat('assistant'), prompt: 'two', headers });
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
  });

  test('a stream', async () => {
    const result = streamText({ model: openai.chat('assistant'), prompt: 'hi' });
    const pieces = [];
    for await (const piece of result.textStream) pieces.push(piece);
    assert.deepEqual(pieces, ['Hello', ' there']);
    assert.equal((await result.usage).totalTokens, 9);
  });

  test('a tool loop, streamed and not', () => toolLoop({ model: openai.chat('assistant') }));

  test('structured output', async () => {
    await rig.model.reply({ text: ['{"city":', '"Rome"}'] });
    const { output } = await generateText({ model: openai.chat('assistant'), prompt: 'where?', output: Output.object({ schema: z.object({ city: z.string() }) }) });
    assert.deepEqual(output, { city: 'Rome' });
  });

  test('errors have status and code', async () => {
    await assert.rejects(
      generateText({ model: openai.chat('nobody'), prompt: 'hi' }),
      (e) => APICallError.isInstance(e) && e.statusCode === 404 && e.data.error.code === 'model_not_found' && !e.isRetryable,
    );
    let told;
    await rig.model.reply({ error: 'overloaded' });
    const result = streamText({ model: openai.chat('assistant'), prompt: 'hi', onError: ({ error }) => { told = error; } });
    await result.consumeStream();
    assert.match(JSON.stringify(told), /overloaded/);
  });

  test('many at once do not mix', async () => {
    await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      const headers = { 'PluginHost-Session': randomUUID() };
      await generateText({ model: openai.chat('assistant'), prompt: `first ${i}`, headers });
      await generateText({ model: openai.chat('assistant'), prompt: `second ${i}`, headers });
      const { data } = await rig.native(`/v1/sessions/${headers['PluginHost-Session']}/messages`);
      assert.deepEqual(data.map((m) => m.content[0].text), [`first ${i}`, 'Hello there', `second ${i}`, 'Hello there']);
    }));
  });
});

describe('AI SDK: responses', () => {
  const responses = () => openai.responses('assistant');

  test('text, and a chain by the id of the last response', async () => {
    const first = await generateText({ model: responses(), prompt: 'one' });
    assert.deepEqual([first.text, first.usage.totalTokens], ['Hello there', 9]);
    await generateText({ model: responses(), prompt: 'two', providerOptions: { openai: { previousResponseId: first.providerMetadata.openai.responseId } } });
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
  });

  test('a stream', async () => {
    const result = streamText({ model: responses(), prompt: 'hi' });
    const pieces = [];
    for await (const piece of result.textStream) pieces.push(piece);
    assert.deepEqual(pieces, ['Hello', ' there']);
    assert.equal(await result.finishReason, 'stop');
  });

  test('a tool loop, streamed and not, stored and not', async () => {
    for (const store of [true, false]) await toolLoop({ model: responses(), providerOptions: { openai: { store } } });
  });

  test('structured output', async () => {
    await rig.model.reply({ text: ['{"city":"Rome"}'] });
    const { output } = await generateText({ model: responses(), prompt: 'where?', output: Output.object({ schema: z.object({ city: z.string() }) }) });
    assert.deepEqual(output, { city: 'Rome' });
  });
});
