import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { call, said, startRig } from '../support/rig.js';

let rig;
let client;

before(async () => {
  rig = await startRig({ sessions: { OnDisconnect: 'cancel' } });
  client = new OpenAI({ baseURL: rig.baseURL, apiKey: 'none', maxRetries: 0 });
});
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

const model = 'assistant';
const tools = [{ type: 'function', name: 'weather', strict: true, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } }];
const lastSaid = async () => said((await rig.model.requests()).at(-1)).slice(1);

describe('openai: responses', () => {
  test('a response is whole', async () => {
    const response = await client.responses.create({ model, input: 'hi' });
    assert.equal(response.output_text, 'Hello there');
    assert.deepEqual([response.object, response.status, response.usage.total_tokens], ['response', 'completed', 9]);
    assert.match(response.id, /^resp_/);
    assert.match(response.output[0].id, /^msg_/);
  });

  test('a chain of responses remembers, over a restart, and branches from any of them', async () => {
    const one = await client.responses.create({ model, input: 'one' });
    await rig.restart();
    const two = await client.responses.create({ model, input: 'two', previous_response_id: one.id });
    assert.deepEqual(await lastSaid(), ['user: one', 'assistant: Hello there', 'user: two']);
    assert.equal(two.previous_response_id, one.id);
    for (const branch of ['left', 'right']) {
      await client.responses.create({ model, input: branch, previous_response_id: one.id });
      assert.deepEqual(await lastSaid(), ['user: one', 'assistant: Hello there', `user: ${branch}`]);
    }
    await client.responses.create({ model, input: 'three', previous_response_id: two.id });
    assert.deepEqual((await lastSaid()).filter((m) => m.startsWith('user')), ['user: one', 'user: two', 'user: three']);
  });

  test('instructions are not carried over', async () => {
    const one = await client.responses.create({ model, input: 'one', instructions: 'Shout.' });
    await client.responses.create({ model, input: 'two', previous_response_id: one.id });
    const requests = await rig.model.requests();
    assert.deepEqual([said(requests[0])[0], said(requests[1])[0]], ['system: Be brief.\nShout.', 'system: Be brief.']);
  });

  test('a long conversation becomes short, kept here or by the caller', async () => {
    const first = await client.responses.create({ model, input: 'one' });
    await rig.model.reply({ text: ['They met.'] });
    const compacted = await client.responses.compact({ model, previous_response_id: first.id });
    assert.deepEqual([compacted.object, compacted.usage.total_tokens], ['response.compaction', 9]);
    assert.deepEqual(compacted.output.map((i) => i.type), ['message', 'compaction']);
    for (const store of [true, false]) {
      await client.responses.create({ model, store, input: [...compacted.output, { role: 'user', content: 'two' }] });
      const [, summary, last] = await lastSaid();
      assert.match(summary, /^user: Summary .*\nThey met\.$/s);
      assert.equal(last, 'user: two');
    }

    await rig.model.reply({ text: ['They met.'] }, { text: ['Hello again'] });
    const stream = client.responses.stream({ model, input: 'two', previous_response_id: first.id, context_management: [{ type: 'compaction', compact_threshold: 1 }] });
    const { output, output_text: text } = await stream.finalResponse();
    assert.deepEqual([output.map((i) => i.type), text], [['compaction', 'message'], 'Hello again']);
  });

  test('what is not stored leaves nothing', async () => {
    const before = (await rig.native('/v1/sessions?limit=100')).data.length;
    const response = await client.responses.create({ model, input: 'hi', store: false });
    assert.equal(response.store, false);
    await assert.rejects(client.responses.retrieve(response.id), OpenAI.NotFoundError);
    await assert.rejects(
      client.responses.create({ model, input: 'go on', previous_response_id: response.id }),
      (e) => e instanceof OpenAI.BadRequestError && e.code === 'previous_response_not_found',
    );
    assert.equal((await rig.native('/v1/sessions?limit=100')).data.length, before);
  });

  test('a stream has every event in its order', async () => {
    const events = [];
    for await (const event of await client.responses.create({ model, input: 'hi', stream: true })) events.push(event);
    assert.deepEqual(events.map((e) => e.type), [
      'response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added',
      'response.output_text.delta', 'response.output_text.delta', 'response.output_text.done', 'response.content_part.done',
      'response.output_item.done', 'response.completed',
    ]);
    assert.deepEqual(events.map((e) => e.sequence_number), events.map((_, i) => i));
    assert.equal(events.at(-1).response.output_text ?? events.at(-1).response.output[0].content[0].text, 'Hello there');
  });

  test('the stream helper puts a response together', async () => {
    const stream = client.responses.stream({ model, input: 'hi' });
    const pieces = [];
    stream.on('response.output_text.delta', (e) => pieces.push(e.delta));
    assert.equal((await stream.finalResponse()).output_text, 'Hello there');
    assert.deepEqual(pieces, ['Hello', ' there']);
  });

  test('a function is called by the caller, who goes on with its output alone', async () => {
    await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun.'] });
    const asked = await client.responses.create({ model, input: 'weather?', tools });
    const made = asked.output.find((i) => i.type === 'function_call');
    assert.deepEqual([made.call_id, made.name, made.arguments, made.status], ['call_1', 'weather', '{"city":"Rome"}', 'completed']);
    await rig.restart();
    const answer = await client.responses.create({
      model, tools, previous_response_id: asked.id, input: [{ type: 'function_call_output', call_id: made.call_id, output: 'sun' }],
    });
    assert.equal(answer.output_text, 'Sun.');
    const roles = (await rig.model.requests())[1].messages.map((m) => m.role);
    assert.deepEqual(roles, ['system', 'user', 'assistant', 'tool']);
  });

  test('a tool output without its call, and a call without its output, are refused', async () => {
    await assert.rejects(
      client.responses.create({ model, input: [{ type: 'function_call_output', call_id: 'none', output: 'x' }] }), OpenAI.BadRequestError,
    );
    await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }));
    const asked = await client.responses.create({ model, input: 'weather?', tools });
    await assert.rejects(client.responses.create({ model, input: 'go on', previous_response_id: asked.id }), OpenAI.BadRequestError);
  });

  test('tools of plugins run in the host and are not shown', async () => {
    await rig.model.reply(call('call_1', 'remember', { fact: 'tea' }), { text: ['Noted.'] });
    const response = await client.responses.create({ model: 'rememberer', input: 'I like tea.' });
    assert.deepEqual(response.output.map((i) => i.type), ['message']);
  });

  test('structured output is parsed', async () => {
    await rig.model.reply({ text: ['{"city":"Rome"}'] });
    const response = await client.responses.parse({ model, input: 'where?', text: { format: zodTextFormat(z.object({ city: z.string() }), 'city') } });
    assert.deepEqual(response.output_parsed, { city: 'Rome' });
  });

  test('a response is retrieved over a restart, its input listed, and deleted', async () => {
    const response = await client.responses.create({ model, input: 'hi', metadata: { a: 'b' } });
    await rig.restart();
    const again = await client.responses.retrieve(response.id);
    assert.deepEqual(again.output, response.output);
    assert.deepEqual(again.metadata, { a: 'b' });
    const items = await client.responses.inputItems.list(response.id);
    assert.deepEqual(items.data.map((i) => i.content[0].text), ['hi']);
    await client.responses.delete(response.id);
    await assert.rejects(client.responses.retrieve(response.id), OpenAI.NotFoundError);
  });

  test('a response in the background is polled, and its stream resumed', async () => {
    const hold = randomUUID();
    await rig.model.reply({ hold_before: hold });
    const begun = await client.responses.create({ model, input: 'hi', background: true });
    assert.ok(['queued', 'in_progress'].includes(begun.status));
    await rig.model.reached(hold);
    assert.equal((await client.responses.retrieve(begun.id)).status, 'in_progress');
    await rig.model.release(hold);
    const events = [];
    for await (const event of await client.responses.retrieve(begun.id, { stream: true, starting_after: 1 })) events.push(event);
    assert.equal(events[0].sequence_number, 2);
    assert.equal(events.at(-1).type, 'response.completed');
    assert.equal((await client.responses.retrieve(begun.id)).status, 'completed');
  });

  test('a response in the background is cancelled; another cannot be', async () => {
    const hold = randomUUID();
    await rig.model.reply({ hold_before: hold });
    const begun = await client.responses.create({ model, input: 'hi', background: true });
    await rig.model.reached(hold);
    assert.equal((await client.responses.cancel(begun.id)).status, 'cancelled');
    const other = await client.responses.create({ model, input: 'hi' });
    await assert.rejects(client.responses.cancel(other.id), OpenAI.BadRequestError);
  });

  test('a model that fails is told by status, or in the stream', async () => {
    await rig.model.reply({ status: 500, error: 'oh' });
    await assert.rejects(client.responses.create({ model, input: 'hi' }), OpenAI.APIError);
    await rig.model.reply({ error: 'overloaded' });
    const types = [];
    try {
      for await (const event of await client.responses.create({ model, input: 'hi', stream: true })) types.push(event.type);
    } catch (e) {
      assert.ok(e instanceof OpenAI.APIError);
      types.push('error');
    }
    assert.ok(['response.failed', 'error'].includes(types.at(-1)), types.join());
  });

  test('errors are of the classes that clients catch', async () => {
    await assert.rejects(client.responses.create({ model: 'gpt-4.1', input: 'hi' }), (e) => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found');
    await assert.rejects(client.responses.retrieve('resp_none'), OpenAI.NotFoundError);
    await assert.rejects(client.responses.create({ model, input: 'hi', temperature: 9 }), OpenAI.BadRequestError);
  });

  test('many chains at once do not mix', async () => {
    await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      const one = await client.responses.create({ model, input: `first ${i}` });
      const two = await client.responses.create({ model, input: `second ${i}`, previous_response_id: one.id });
      const items = await client.responses.inputItems.list(two.id, { order: 'asc' });
      assert.ok(items.data.every((item) => JSON.stringify(item).includes(` ${i}"`) || item.role === 'assistant'));
    }));
  });
});

describe('openai: conversations', () => {
  test('a conversation holds what is said, over a restart', async () => {
    const conversation = await client.conversations.create({ metadata: { topic: 'demo' } });
    await client.responses.create({ model, input: 'one', conversation: conversation.id });
    await rig.restart();
    const two = await client.responses.create({ model, input: 'two', conversation: { id: conversation.id } });
    assert.deepEqual(two.conversation, { id: conversation.id });
    assert.deepEqual(await lastSaid(), ['user: one', 'assistant: Hello there', 'user: two']);
    assert.deepEqual((await client.conversations.retrieve(conversation.id)).metadata, { topic: 'demo' });
  });

  test('over a hundred items are paged in both orders without a gap', async () => {
    const conversation = await client.conversations.create();
    for (let i = 0; i < 6; i++) {
      await client.conversations.items.create(conversation.id, {
        items: Array.from({ length: 20 }, (_, j) => ({ type: 'message', role: 'user', content: `n${i * 20 + j}` })),
      });
    }
    const expected = Array.from({ length: 120 }, (_, i) => `n${i}`);
    for (const order of ['asc', 'desc']) {
      const texts = [];
      for await (const item of client.conversations.items.list(conversation.id, { order, limit: 50 })) texts.push(item.content[0].text);
      assert.deepEqual(texts, order === 'asc' ? expected : expected.toReversed());
    }
  });

  test('items are retrieved and deleted, and so is the conversation', async () => {
    const conversation = await client.conversations.create({ items: [{ type: 'message', role: 'user', content: 'one' }, { type: 'message', role: 'user', content: 'two' }] });
    const { data } = await client.conversations.items.list(conversation.id, { order: 'asc' });
    assert.equal((await client.conversations.items.retrieve(data[0].id, { conversation_id: conversation.id })).content[0].text, 'one');
    assert.equal((await client.conversations.items.delete(data[0].id, { conversation_id: conversation.id })).id, conversation.id);
    await client.responses.create({ model, input: 'three', conversation: conversation.id });
    assert.deepEqual(await lastSaid(), ['user: two', 'user: three']);
    assert.deepEqual((await client.conversations.update(conversation.id, { metadata: { a: 'b' } })).metadata, { a: 'b' });
    assert.equal((await client.conversations.delete(conversation.id)).deleted, true);
    await assert.rejects(client.conversations.retrieve(conversation.id), OpenAI.NotFoundError);
    await assert.rejects(client.responses.create({ model, input: 'x', conversation: conversation.id }), OpenAI.NotFoundError);
  });

  test('responses at once on one conversation stand in line', async () => {
    const conversation = await client.conversations.create();
    await Promise.all(Array.from({ length: 8 }, (_, i) => client.responses.create({ model, input: `n${i}`, conversation: conversation.id })));
    const { data } = await client.conversations.items.list(conversation.id, { order: 'asc', limit: 100 });
    assert.deepEqual(data.map((item) => item.role), Array.from({ length: 16 }, (_, i) => (i % 2 ? 'assistant' : 'user')));
  });
});
