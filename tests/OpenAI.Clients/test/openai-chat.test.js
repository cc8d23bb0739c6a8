import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { call, said, startRig } from '../support/rig.js';

let rig;
let client;

before(async () => {
  rig = await startRig({ sessions: { OnDisconnect: 'cancel' } });
  client = new OpenAI({ baseURL: rig.baseURL, apiKey: 'none' });
});
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

const user = (content) => ({ role: 'user', content });
const session = () => ({ headers: { 'PluginHost-Session': randomUUID() } });

describe('openai: chat completions', () => {
  test('models are agents', async () => {
    const models = await client.models.list();
    assert.deepEqual(models.data.map((m) => m.id), ['assistant', 'rememberer']);
    assert.equal((await client.models.retrieve('assistant')).object, 'model');
  });

  test('an answer is an answer', async () => {
    const answer = await client.chat.completions.create({ model: 'assistant', messages: [user('hi')] });
    assert.equal(answer.choices[0].message.content, 'Hello there');
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.deepEqual(answer.usage, { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 });
    assert.ok(answer._request_id);
  });

  test('without a session the caller holds the transcript', async () => {
    const messages = [{ role: 'system', content: 'Shout.' }, user('one')];
    const first = await client.chat.completions.create({ model: 'assistant', messages });
    await client.chat.completions.create({ model: 'assistant', messages: [...messages, first.choices[0].message, user('two')] });
    await client.chat.completions.create({ model: 'assistant', messages: [user('three')] });

    const requests = await rig.model.requests();
    assert.deepEqual(said(requests[1]), ['system: Be brief.\nShout.', 'user: one', 'assistant: Hello there', 'user: two']);
    assert.deepEqual(said(requests[2]), ['system: Be brief.', 'user: three']);
    assert.deepEqual((await rig.native('/v1/sessions')).data, []);
  });

  test('a session remembers, over a restart, whether the transcript is sent again or not', async () => {
    const trip = session();
    await client.chat.completions.create({ model: 'assistant', messages: [user('one')] }, trip);
    await rig.restart();
    await client.chat.completions.create({ model: 'assistant', messages: [user('two')] }, trip);
    await client.chat.completions.create({
      model: 'assistant',
      messages: [user('one'), { role: 'assistant', content: 'Hello there' }, user('two'), { role: 'assistant', content: 'Hello there' }, user('three')],
    }, trip);

    assert.deepEqual(said((await rig.model.requests())[2]), [
      'system: Be brief.', 'user: one', 'assistant: Hello there', 'user: two', 'assistant: Hello there', 'user: three',
    ]);
  });

  test('a transcript that differs from the session is refused once, without retries', async () => {
    const trip = session();
    await client.chat.completions.create({ model: 'assistant', messages: [user('one')] }, trip);
    let calls = 0;
    const counting = client.withOptions({ fetch: (...args) => (calls++, fetch(...args)) });
    await assert.rejects(
      counting.chat.completions.create({ model: 'assistant', messages: [user('one'), { role: 'assistant', content: 'No' }, user('two')] }, trip),
      (e) => e instanceof OpenAI.ConflictError && e.code === 'transcript_diverged' && /only the new messages/.test(e.message),
    );
    assert.equal(calls, 1);
  });

  test('streamed text comes piece by piece, with usage at the end', async () => {
    await rig.model.reply({ text: ['One', ' two', ' thräe'], split_characters: true });
    const stream = await client.chat.completions.create({
      model: 'assistant', messages: [user('hi')], stream: true, stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.deepEqual(chunks.flatMap((c) => c.choices.map((choice) => choice.delta.content)).filter(Boolean), ['One', ' two', ' thräe']);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.total_tokens, 9);
  });

  test('a piece arrives while the model still speaks', async () => {
    const hold = randomUUID();
    await rig.model.reply({ hold_after_first: hold });
    const stream = await client.chat.completions.create({ model: 'assistant', messages: [user('hi')], stream: true });
    const pieces = [];
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta?.content;
      if (!piece) continue;
      if (pieces.length === 0) await rig.model.release(hold);
      pieces.push(piece);
    }
    assert.deepEqual(pieces, ['Hello', ' there']);
  });

  test('the stream helper puts a whole message together', async () => {
    await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }));
    const stream = client.chat.completions.stream({ model: 'assistant', messages: [user('hi')], tools: [{ type: 'function', function: { name: 'weather', parameters: {} } }] });
    const answer = await stream.finalChatCompletion();
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
    assert.deepEqual(answer.choices[0].message.tool_calls.map((c) => [c.id, c.function.name, c.function.arguments]), [['call_1', 'weather', '{"city":"Rome"}']]);
  });

  test('a tool loop of the client runs to its end, streamed and not', async () => {
    for (const stream of [false, true]) {
      await rig.model.reset();
      await rig.model.reply(
        { tool_calls: [{ id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' }, { id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' }] },
        { text: ['Sun', ' and rain.'] },
      );
      const asked = [];
      const runner = client.chat.completions.runTools({
        model: 'assistant',
        stream,
        messages: [user('weather?')],
        tools: [{
          type: 'function',
          function: {
            name: 'weather',
            parse: JSON.parse,
            parameters: { type: 'object', properties: { city: { type: 'string' } } },
            function: ({ city }) => (asked.push(city), `fine in ${city}`),
          },
        }],
      });
      assert.equal(await runner.finalContent(), 'Sun and rain.');
      assert.deepEqual(asked.sort(), ['Oslo', 'Rome']);
      const second = (await rig.model.requests())[1].messages;
      assert.deepEqual(second.filter((m) => m.role === 'tool').map((m) => [m.tool_call_id, m.content]), [['call_1', 'fine in Rome'], ['call_2', 'fine in Oslo']]);
    }
  });

  test('tools of plugins run in the host and are not shown', async () => {
    await rig.model.reply(call('call_1', 'remember', { fact: 'She likes tea.' }), { text: ['Noted.'] });
    const answer = await client.chat.completions.create({ model: 'rememberer', messages: [user('I like tea.')] }, session());
    assert.equal(answer.choices[0].message.content, 'Noted.');
    assert.equal(answer.choices[0].message.tool_calls, undefined);
  });

  test('structured output is parsed', async () => {
    await rig.model.reply({ text: ['{"city":', '"Rome"}'] });
    const City = z.object({ city: z.string() });
    const answer = await client.chat.completions.parse({ model: 'assistant', messages: [user('where?')], response_format: zodResponseFormat(City, 'city') });
    assert.deepEqual(answer.choices[0].message.parsed, { city: 'Rome' });
    const [{ response_format: format }] = await rig.model.requests();
    assert.deepEqual([format.type, format.json_schema.name, format.json_schema.strict], ['json_schema', 'city', true]);
  });

  test('parameters, images and stop reasons pass through', async () => {
    await rig.model.reply({ finish_reason: 'length' });
    const answer = await client.chat.completions.create({
      model: 'assistant',
      messages: [user([{ type: 'text', text: 'see' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AAEC', detail: 'low' } }])],
      temperature: 0.5, top_p: 0.25, seed: 7, stop: ['x'], max_completion_tokens: 3, presence_penalty: 1, frequency_penalty: -1,
      parallel_tool_calls: false, tool_choice: 'required', tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object', properties: {} } } }],
    });
    assert.equal(answer.choices[0].finish_reason, 'length');
    const [request] = await rig.model.requests();
    const { temperature, top_p, seed, stop, max_completion_tokens, presence_penalty, frequency_penalty, parallel_tool_calls, tool_choice } = request;
    assert.deepEqual(
      { temperature, top_p, seed, stop, max_completion_tokens, presence_penalty, frequency_penalty, parallel_tool_calls, tool_choice },
      { temperature: 0.5, top_p: 0.25, seed: 7, stop: ['x'], max_completion_tokens: 3, presence_penalty: 1, frequency_penalty: -1, parallel_tool_calls: false, tool_choice: 'required' },
    );
    assert.equal(request.tools[0].function.strict, true);
    assert.deepEqual(request.messages.at(-1).content[1], { type: 'image_url', image_url: { url: 'data:image/png;base64,AAEC', detail: 'low' } });
  });

  test('errors are of the classes that clients catch', async () => {
    const create = (body) => client.chat.completions.create({ model: 'assistant', messages: [user('hi')], ...body }, { maxRetries: 0 });
    await assert.rejects(create({ model: 'gpt-4.1' }), (e) => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found' && e.param === 'model');
    await assert.rejects(create({ audio: { voice: 'alloy', format: 'wav' } }), (e) => e instanceof OpenAI.BadRequestError && e.code === 'unsupported_parameter' && e.param === 'audio');
    await rig.model.reply({ status: 429, error: 'slow down' });
    await assert.rejects(create({}), (e) => e instanceof OpenAI.RateLimitError && e.code === 'rate_limit_exceeded');
    await rig.model.reply({ status: 400, error: 'too long' });
    await assert.rejects(create({}), (e) => e instanceof OpenAI.BadRequestError && /too long/.test(e.message));
    await rig.model.reply({ status: 500, error: 'oh' });
    await assert.rejects(create({ stream: true }), (e) => e instanceof OpenAI.InternalServerError && e.code === 'model_error');
    await assert.rejects(client.images.generate({ model: 'assistant', prompt: 'x' }), (e) => e instanceof OpenAI.NotFoundError && e.code === 'unknown_url');
  });

  test('a client that retries gets its answer', async () => {
    await rig.model.reply({ status: 500, error: 'oh' });
    const answer = await client.chat.completions.create({ model: 'assistant', messages: [user('hi')] });
    assert.equal(answer.choices[0].message.content, 'Hello there');
  });

  test('a model that breaks off in the middle of a stream is an error of the stream', async () => {
    for (const reply of [{ error: 'overloaded' }, { end_early: true }]) {
      await rig.model.reply(reply);
      const stream = await client.chat.completions.create({ model: 'assistant', messages: [user('hi')], stream: true });
      await assert.rejects(async () => { for await (const _ of stream); }, (e) => e instanceof OpenAI.APIError && /^model_/.test(e.code));
    }
  });

  test('cancelling the request cancels the call of the model', async () => {
    const hold = randomUUID();
    await rig.model.reply({ hold_after_first: hold });
    const stream = await client.chat.completions.create({ model: 'assistant', messages: [user('hi')], stream: true });
    for await (const _ of stream) break;
    await rig.model.abandoned(hold);
  });

  test('many at once do not mix', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, i) => i).map(async (i) => {
      const trip = session();
      await client.chat.completions.create({ model: 'assistant', messages: [user(`first ${i}`)] }, trip);
      await client.chat.completions.create({ model: 'assistant', messages: [user(`second ${i}`)] }, trip);
      return (await rig.native(`/v1/sessions/${trip.headers['PluginHost-Session']}/messages`)).data.map((m) => m.content[0].text);
    }));
    all.forEach((texts, i) => assert.deepEqual(texts, [`first ${i}`, 'Hello there', `second ${i}`, 'Hello there']));
  });

  test('many at once on one session stand in line', async () => {
    const trip = session();
    await Promise.all(Array.from({ length: 10 }, (_, i) => client.chat.completions.create({ model: 'assistant', messages: [user(`n${i}`)] }, trip)));
    const { data } = await rig.native(`/v1/sessions/${trip.headers['PluginHost-Session']}/messages?limit=100`);
    assert.equal(data.length, 20);
    data.forEach((m, i) => assert.equal(m.role, i % 2 === 0 ? 'user' : 'assistant'));
  });
});

describe('openai: keys', () => {
  test('a wrong key is an authentication error', async () => {
    const closed = await startRig({ env: { PLUGINHOST_API_KEY: 'right' } });
    try {
      const wrong = new OpenAI({ baseURL: closed.baseURL, apiKey: 'wrong' });
      await assert.rejects(wrong.models.list(), (e) => e instanceof OpenAI.AuthenticationError && e.code === 'invalid_api_key');
      const right = new OpenAI({ baseURL: closed.baseURL, apiKey: 'right' });
      assert.equal((await right.models.list()).data.length, 2);
    } finally {
      await closed.stop();
    }
  });
});
