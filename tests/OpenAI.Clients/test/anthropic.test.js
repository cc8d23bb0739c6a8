import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { call, said, startRig } from '../support/rig.js';

let rig;
let client;

before(async () => {
  rig = await startRig();
  client = new Anthropic({ baseURL: rig.address, apiKey: 'none' });
});
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

// Programs for Claude fix the names of its models; an alias of the agent covers them.
const ask = (content, more = {}) => ({ model: 'claude-any', max_tokens: 100, messages: [{ role: 'user', content }], ...more });
const tools = [{ name: 'weather', description: 'Weather of a city.', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }];

describe('anthropic: messages', () => {
  test('an answer is an answer', async () => {
    const answer = await client.messages.create(ask('hi', { system: 'Shout.' }));
    assert.deepEqual(answer.content, [{ type: 'text', text: 'Hello there', citations: null }]);
    assert.equal(answer.stop_reason, 'end_turn');
    assert.equal(answer.usage.input_tokens, 7);
    assert.ok(answer._request_id);
    assert.deepEqual(said((await rig.model.requests())[0]), ['system: Be brief.\nShout.', 'user: hi']);
  });

  test('streamed text comes piece by piece and is the same message in the end', async () => {
    const stream = client.messages.stream(ask('hi'));
    const pieces = [];
    stream.on('text', (text) => pieces.push(text));
    const message = await stream.finalMessage();
    assert.equal(pieces.join(''), 'Hello there');
    assert.ok(pieces.length > 1);
    assert.equal(message.content[0].text, 'Hello there');
    assert.equal(message.stop_reason, 'end_turn');
    assert.equal(message.usage.output_tokens, 2);
  });

  for (const streamed of [false, true]) {
    test(`a loop of two calls of the caller's tools ends with text (${streamed ? 'streamed' : 'whole'})`, async () => {
      await rig.model.reply({ tool_calls: [...call('toolu_1', 'weather', { city: 'Rome' }).tool_calls, ...call('toolu_2', 'weather', { city: 'Oslo' }).tool_calls] });
      const create = (body) => (streamed ? client.messages.stream(body).finalMessage() : client.messages.create(body));
      const first = await create(ask('Where is it warmer?', { tools }));
      assert.equal(first.stop_reason, 'tool_use');
      const calls = first.content.filter((b) => b.type === 'tool_use');
      assert.deepEqual(calls.map((c) => c.input), [{ city: 'Rome' }, { city: 'Oslo' }]);

      const results = calls.map((c) => ({ type: 'tool_result', tool_use_id: c.id, content: `${c.input.city}: 20` }));
      const messages = [{ role: 'user', content: 'Where is it warmer?' }, { role: 'assistant', content: first.content }, { role: 'user', content: results }];
      const second = await create({ ...ask('', { tools }), messages });

      assert.equal(second.content[0].text, 'Hello there');
      const sent = (await rig.model.requests())[1].messages;
      assert.deepEqual(sent.slice(1).map((m) => m.role), ['user', 'assistant', 'tool', 'tool']);
      assert.deepEqual(sent.slice(3).map((m) => [m.tool_call_id, m.content]), [['toolu_1', 'Rome: 20'], ['toolu_2', 'Oslo: 20']]);
    });
  }

  test('a session remembers, over a restart', async () => {
    const trip = { headers: { 'PluginHost-Session': randomUUID() } };
    await client.messages.create(ask('one'), trip);
    await rig.restart();
    await client.messages.create(ask('two'), trip);
    assert.deepEqual(said((await rig.model.requests())[1]), ['system: Be brief.', 'user: one', 'assistant: Hello there', 'user: two']);
  });

  test('tokens are counted', async () => {
    const { input_tokens: count } = await client.messages.countTokens({ model: 'claude-any', messages: [{ role: 'user', content: 'one two three' }], tools });
    assert.ok(count > 10 && count < 100);
    assert.deepEqual(await rig.model.requests(), []);
  });

  test('errors have the types of the client, and are not retried without need', async () => {
    let calls = 0;
    const counting = client.withOptions({ fetch: (...args) => (calls++, fetch(...args)) });
    await assert.rejects(counting.messages.create({ ...ask('hi'), model: 'none' }), (e) => e instanceof Anthropic.NotFoundError && e.error.error.type === 'not_found_error');
    await assert.rejects(counting.messages.create({ ...ask('hi'), messages: [] }), (e) => e instanceof Anthropic.BadRequestError && /messages/.test(e.message));
    assert.equal(calls, 2);
  });
});
