// Four ways to run an agent. Start a host first; the lines below show what the echo model answers.
import { Client } from './pluginhost.ts';

const client = new Client(process.env.PLUGINHOST_URL, process.env.PLUGINHOST_API_KEY);
const session = process.env.SESSION ?? 'typescript';

// The whole answer at once.
console.log('run:', (await client.run(session, 'hi')).text);

// The answer while it is written.
let text = '';
for await (const { name, data } of client.stream(session, 'tell me more')) if (name === 'message.delta') text += data.text;
console.log('stream:', text);

// A tool of this program: the run ends when the model calls it, and its result is the next input.
const weather = { name: 'weather', description: 'The weather in a city.', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
const asked = await client.run(session, 'call weather {"city":"Rome"}', { options: { tools: [weather] } });
const call = asked.output.at(-1)!.content[0];
const result = { type: 'function_result', call_id: call.call_id, result: `sunny in ${call.arguments.city}` };
console.log('tool:', (await client.run(session, [{ role: 'tool', content: [result] }])).text);

// In the background: the run continues without this program, and any program can attach to it.
const started = await client.run(session, 'take your time', { background: true });
let end: any;
for await (const event of client.attach(session, started.id)) end = event.data;
console.log('background:', end.text);
