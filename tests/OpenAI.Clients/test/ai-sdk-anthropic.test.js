import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { call, said, startRig } from '../support/rig.js';

const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let rig;
let model;

before(async () => {
  rig = await startRig();
  model = createAnthropic({ baseURL: rig.baseURL, apiKey: 'none' })('claude-any');
});
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

const cached = { anthropic: { cacheControl: { type: 'ephemeral' } } };

describe('AI SDK: Anthropic', () => {
  test('text, usage and the reason of the end', async () => {
    const { text, usage, finishReason } = await generateText({
      model, messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', providerOptions: cached }] }], system: 'Shout.',
    });
    assert.deepEqual([text, usage.inputTokens, usage.outputTokens, finishReason], ['Hello there', 7, 2, 'stop']);
    assert.deepEqual(said((await rig.model.requests())[0]), ['system: Be brief.\nShout.', 'user: hi']);
  });

  test('a stream', async () => {
    const result = streamText({ model, prompt: 'hi' });
    const pieces = [];
    for await (const piece of result.textStream) pieces.push(piece);
    assert.deepEqual(pieces, ['Hello', ' there']);
    assert.equal(await result.finishReason, 'stop');
  });

  for (const streamed of [false, true]) {
    test(`two calls at once, results with an image, and a second turn (${streamed ? 'streamed' : 'whole'})`, async () => {
      await rig.model.reply({ tool_calls: [...call('toolu_1', 'look', { at: 'sky' }).tool_calls, ...call('toolu_2', 'look', { at: 'sea' }).tool_calls] }, { text: ['Blue.'] });
      const asked = [];
      const look = tool({
        description: 'Looks at something.',
        inputSchema: z.object({ at: z.string() }),
        execute: ({ at }) => (asked.push(at), at),
        toModelOutput: ({ output }) => ({ type: 'content', value: [{ type: 'text', text: `the ${output}` }, { type: 'image-data', data: image, mediaType: 'image/png' }] }),
        providerOptions: cached,
      });
      const ask = async (messages) => {
        const result = streamed ? streamText({ model, messages, tools: { look }, stopWhen: stepCountIs(3) }) : await generateText({ model, messages, tools: { look }, stopWhen: stepCountIs(3) });
        return { text: await result.text, messages: [...messages, ...((await result.responseMessages) ?? (await result.response).messages)] };
      };

      const first = await ask([{ role: 'user', content: 'What colour?' }]);
      assert.deepEqual([first.text, asked], ['Blue.', ['sky', 'sea']]);
      const second = await ask([...first.messages, { role: 'user', content: 'Sure?' }]);

      assert.equal(second.text, 'Hello there');
      const [, looked, again] = await rig.model.requests();
      for (const sent of [looked, again]) {
        assert.deepEqual(sent.messages.slice(1, 5).map((m) => m.role), ['user', 'assistant', 'tool', 'tool']);
        assert.deepEqual(sent.messages[2].tool_calls.map((c) => c.function.arguments), ['{"at":"sky"}', '{"at":"sea"}']);
        assert.deepEqual(sent.messages[4].content, [{ type: 'text', text: 'the sea' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }]);
      }
      assert.deepEqual(said(again).slice(-2), ['assistant: Blue.', 'user: Sure?']);
    });
  }

  test('structured output', async () => {
    await rig.model.reply({ text: ['{"city":"Rome"}'] });
    const { output } = await generateText({ model, prompt: 'where?', output: Output.object({ schema: z.object({ city: z.string() }) }) });
    assert.deepEqual(output, { city: 'Rome' });
  });

  test('a session remembers, over a restart', async () => {
    const headers = { 'PluginHost-Session': randomUUID() };
    await generateText({ model, prompt: 'one', headers });
    await rig.restart();
    await generateText({ model, prompt: 'two', headers });
    assert.deepEqual(said((await rig.model.requests())[1]).slice(1), ['user: one', 'assistant: Hello there', 'user: two']);
  });

  test('errors have a status and a type', async () => {
    const nobody = createAnthropic({ baseURL: rig.baseURL, apiKey: 'none' })('nobody');
    await assert.rejects(
      generateText({ model: nobody, prompt: 'hi' }),
      (e) => APICallError.isInstance(e) && e.statusCode === 404 && e.data.error.type === 'not_found_error' && !e.isRetryable,
    );
  });
});
