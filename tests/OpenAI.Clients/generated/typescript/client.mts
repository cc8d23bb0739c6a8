// A program on the client that openapi-typescript generates. The compiler checks it strictly.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { paths } from './api.d.ts';

const client = createClient<paths>({ baseUrl: process.argv[2] });

const run = await client.POST('/v1/runs', { body: { input: 'hi' } });
if (run.error) throw new Error(run.error.detail);
const part = run.data.output?.[0]?.content[0];
// The literal type of each part tells them apart.
if (part?.type !== 'text') throw new Error('no text');
assert.equal(part.text, 'Echo: hi (0 earlier messages)');
assert.equal(run.data.text, part.text);

const stream = await client.POST('/v1/sessions/{id}/runs/stream', { params: { path: { id: 'trip' } }, body: { input: 'hi' }, parseAs: 'stream' });
const events = (await new Response(stream.data).text()).split('\n').filter((line) => line.startsWith('event: '));
assert.equal(events[0], 'event: run.started');
assert.equal(events.at(-1), 'event: run.completed');

const missing = await client.GET('/v1/sessions/{id}', { params: { path: { id: 'nowhere' } } });
assert.equal(missing.error?.status, 404);
assert.equal(missing.error?.type, '/problems/session-not-found');
