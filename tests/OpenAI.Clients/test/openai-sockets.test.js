import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Agent, OpenAIResponsesWSModel, run, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import WebSocket from 'ws';
import { z } from 'zod';
import { call, said, startRig } from '../support/rig.js';

let rig;
let client;

before(async () => {
  setTracingDisabled(true);
  // Node 20 has no WebSocket that takes headers.
  globalThis.WebSocket ??= WebSocket;
  rig = await startRig();
  client = new OpenAI({ baseURL: rig.baseURL, apiKey: 'none', maxRetries: 0 });
});
after(() => rig?.stop());
beforeEach(() => rig.model.reset());

const model = 'assistant';
const tools = [{ type: 'function', name: 'weather', strict: true, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } }];

/** A connection, with `ask`: creates a response and gives its events, to the last one or an error. */
async function connect() {
  const socket = new ResponsesWS(client);
  socket.on('error', () => {});
  const arrived = [];
  let next = () => {};
  socket.on('event', (event) => { arrived.push(event); next(); });
  const ask = async (body) => {
    const events = [];
    socket.send({ type: 'response.create', model, ...body });
    while (true) {
      while (arrived.length === 0) await new Promise((resolve) => { next = resolve; });
      events.push(arrived.shift());
      if (['response.completed', 'response.failed', 'response.incomplete', 'error'].includes(events.at(-1).type)) return events;
    }
  };
  return { ask, close: () => socket.close() };
}

describe('openai: responses over WebSocket', () => {
  test('a tool loop sends only what is new, stored or not', async () => {
    for (const store of [true, false]) {
      await rig.model.reset();
      await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun', '.'] });
      const { ask, close } = await connect();
      const first = (await ask({ store, tools, input: 'weather?' })).at(-1).response;
      assert.deepEqual(first.output.map((i) => [i.type, i.call_id]), [['function_call', 'call_1']]);
      const events = await ask({ store, tools, previous_response_id: first.id, input: [{ type: 'function_call_output', call_id: 'call_1', output: 'fine' }] });

      assert.deepEqual(events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta), ['Sun', '.']);
      assert.deepEqual(events.map((e) => e.sequence_number), events.map((_, index) => index));
      assert.equal(events.at(-1).response.previous_response_id, first.id);
      const request = (await rig.model.requests())[1];
      assert.deepEqual(said(request).slice(1), ['user: weather?', 'assistant: ', 'tool: fine']);
      close();
    }
  });

  test('a response that was not stored is known on its connection alone', async () => {
    const one = await connect();
    const other = await connect();
    const first = (await one.ask({ store: false, input: 'one' })).at(-1).response;
    const [refused] = await other.ask({ store: false, input: 'two', previous_response_id: first.id });
    assert.deepEqual([refused.type, refused.status, refused.error.code, refused.error.param], ['error', 400, 'previous_response_not_found', 'previous_response_id']);
    const second = (await one.ask({ store: false, input: 'two', previous_response_id: first.id })).at(-1);
    assert.equal(second.type, 'response.completed');
    await assert.rejects(client.responses.retrieve(first.id), OpenAI.NotFoundError);
    one.close();
    other.close();
  });

  test('a prepared request is followed without being sent again', async () => {
    const { ask, close } = await connect();
    const prepared = (await ask({ generate: false, input: 'read this' })).at(-1).response;
    assert.deepEqual(prepared.output, []);
    assert.equal((await rig.model.requests()).length, 0);
    await ask({ previous_response_id: prepared.id, input: 'and answer' });
    assert.deepEqual(said((await rig.model.requests())[0]).slice(1), ['user: read this', 'user: and answer']);
    close();
  });

  test('streams run at the same time and name their events', async () => {
    const { ask, close } = await connect();
    const events = await ask({ input: 'hi', stream_id: 'side' });
    assert.ok(events.every((e) => e.stream_id === 'side'));
    close();
  });

  test('an error names its cause, and the connection continues', async () => {
    const { ask, close } = await connect();
    const [refused] = await ask({ input: 'hi', temperature: 9 });
    assert.deepEqual([refused.type, refused.status, refused.error.type, refused.error.param], ['error', 400, 'invalid_request_error', 'temperature']);
    assert.equal((await ask({ model: 'nobody', input: 'hi' }))[0].error.code, 'model_not_found');
    assert.equal((await ask({ input: 'hi' })).at(-1).response.output[0].content[0].text, 'Hello there');
    close();
  });
});

describe('OpenAI Agents: responses over WebSocket', () => {
  test('an agent calls its tool, streamed and not, and has a second turn', async () => {
    for (const stream of [false, true]) {
      await rig.model.reset();
      await rig.model.reply(call('call_1', 'weather', { city: 'Rome' }), { text: ['Sun', '.'] });
      const asked = [];
      const weather = tool({ name: 'weather', description: 'Tells the weather.', parameters: z.object({ city: z.string() }), execute: ({ city }) => (asked.push(city), `fine in ${city}`) });
      const ws = new OpenAIResponsesWSModel(client, model);
      const agent = new Agent({ name: 'A', instructions: 'Shout.', model: ws, tools: [weather] });
      const result = await run(agent, 'weather?', { stream });
      if (stream) {
        for await (const _ of result.toTextStream());
        await result.completed;
      }
      assert.equal(result.finalOutput, 'Sun.');
      assert.deepEqual(asked, ['Rome']);
      assert.equal((await run(agent, 'thanks', { previousResponseId: result.lastResponseId })).finalOutput, 'Hello there');
      assert.equal(said((await rig.model.requests()).at(-1)).at(-1), 'user: thanks');
      await ws.close?.();
    }
  });
});
