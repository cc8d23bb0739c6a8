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
    assert.deepEqual(answer.content, [{ type: 'text', text: 'Hello there' }]);
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

  test('a loop as Claude Code has it: betas, cache marks, thinking, an image in a result, and a second turn', async () => {
    const look = { name: 'Read', description: 'Reads a file.', input_schema: { type: 'object', properties: { file_path: { type: 'string' } } }, cache_control: { type: 'ephemeral' } };
    const calls = ['a', 'b'].map((name) => ({ id: `toolu_${name}`, type: 'function', function: { name: 'Read', arguments: `{"file_path":"${name}.png"}` } }));
    await rig.model.reply(
      { body: JSON.stringify({ choices: [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, reasoning_content: 'Two files.', tool_calls: calls } }] }) },
      { text: ['Both', ' red.'] },
    );
    const create = (messages) => client.beta.messages.stream({
      model: 'claude-any', max_tokens: 32000, messages, tools: [look], temperature: 1, metadata: { user_id: 'user_1_session_2' },
      system: [{ type: 'text', text: 'You are a CLI.' }, { type: 'text', text: 'Be exact.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      thinking: { type: 'enabled', budget_tokens: 2048 }, context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      betas: ['claude-code-20250219', 'interleaved-thinking-2025-05-14', 'context-management-2025-06-27', 'prompt-caching-scope-2026-01-05'],
    }).finalMessage();

    const prompt = { role: 'user', content: [{ type: 'text', text: '<system-reminder>Today.</system-reminder>' }, { type: 'text', text: 'Which colour?', cache_control: { type: 'ephemeral' } }] };
    const first = await create([prompt]);
    assert.deepEqual([first.stop_reason, first.content.map((b) => b.type)], ['tool_use', ['thinking', 'tool_use', 'tool_use']]);
    assert.equal(first.content[0].thinking, 'Two files.');
    assert.ok(first.content[0].signature);
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
    const results = [
      { type: 'tool_result', tool_use_id: 'toolu_a', content: [image] },
      { type: 'tool_result', tool_use_id: 'toolu_b', content: [{ type: 'text', text: 'no such file' }], is_error: true, cache_control: { type: 'ephemeral' } },
    ];
    const messages = [prompt, { role: 'assistant', content: first.content }, { role: 'user', content: [...results, { type: 'text', text: '<system-reminder>Continue.</system-reminder>' }] }];
    const second = await create(messages);
    assert.equal(second.content[0].text, 'Both red.');
    const third = await create([...messages, { role: 'assistant', content: second.content }, { role: 'user', content: 'Thanks' }]);
    assert.equal(third.content[0].text, 'Hello there');

    const [asked, looked, thanked] = await rig.model.requests();
    assert.equal(asked.messages[0].content, 'Be brief.\nYou are a CLI.\nBe exact.');
    for (const sent of [looked, thanked]) {
      const [, , answer, ...rest] = sent.messages;
      assert.deepEqual([answer.reasoning_content, answer.tool_calls.map((c) => c.id)], ['Two files.', ['toolu_a', 'toolu_b']]);
      assert.deepEqual(rest.slice(0, 3).map((m) => m.role), ['tool', 'tool', 'user']);
      assert.deepEqual(rest[0].content, [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }]);
      assert.equal(rest[1].content, 'no such file');
    }
    assert.deepEqual(said(thanked).slice(-2), ['assistant: Both red.', 'user: Thanks']);
  });

  test('tokens of a whole request are counted with betas', async () => {
    const { input_tokens: count } = await client.beta.messages.countTokens({
      model: 'claude-any', system: [{ type: 'text', text: 'Be exact.', cache_control: { type: 'ephemeral' } }], tools, betas: ['token-counting-2024-11-01'],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'one two three' }] }, { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }] }],
    });
    assert.ok(count > 20 && count < 200);
  });
});
