// A client of PluginHost's native API for Node 22.18 and later, which runs TypeScript as it is, and for browsers behind your own server.
//
// Calls survive lost connections: a run is sent again with the same Idempotency-Key, which joins it or returns its result, and a stream continues
// behind the last event that arrived.

export type Run = { id: string; status: string; text: string; output: { content: any[] }[]; [field: string]: any };
export type RunEvent = { id: number; name: string; data: any };
export type Fields = { agent?: string; options?: object; metadata?: Record<string, string>; background?: boolean };

// A failed run is 500, 502 or 504. It would run again, and its tools could act twice: the caller decides that.
const retried = [429, 503];
const isRetried = (problem: any) => retried.includes(problem.status) && problem.type !== '/problems/run-refused';
const attempts = 6;
const last = ['run.completed', 'run.failed', 'run.cancelled', 'run.requires_action'];
const delay = (seconds: number) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
// The path of a session's runs. Its id may come from a user, and must not lead to another session.
const runsOf = (session: string) => `/v1/sessions/${encodeURIComponent(session)}/runs`;

/** The host refused a request, or a run failed. */
export class ProblemError extends Error {
  problem: any;
  constructor(problem: any) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

export class Client {
  url: string;
  key?: string;

  constructor(url = 'http://127.0.0.1:5080', key?: string) {
    this.url = url.replace(/\/$/, '');
    this.key = key;
  }

  /** Runs an agent and returns the run when it has ended. */
  run(session: string, input: unknown, fields: Fields = {}): Promise<Run> {
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    return this.#retry(async () => (await this.#send('POST', runsOf(session), { input, ...fields }, headers)).json());
  }

  /** Runs an agent and yields its events while it works. The last event has the whole run. */
  stream(session: string, input: unknown, fields: Fields = {}): AsyncGenerator<RunEvent> {
    // The same key joins the run and gives its events from the first.
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    return this.#events(() => this.#send('POST', runsOf(session), { input, stream: true, ...fields }, headers));
  }

  /** Yields the events of a run behind an event, also of one in the background. */
  attach(session: string, run: string, after = 0): AsyncGenerator<RunEvent> {
    return this.#events((seen) => this.#send('GET', `${runsOf(session)}/${run}/events`, undefined, { 'Last-Event-ID': `${seen}` }), after);
  }

  get(path: string): Promise<any> {
    return this.#retry(async () => (await this.#send('GET', path)).json());
  }

  async *#events(open: (seen: number) => Promise<Response>, seen = 0): AsyncGenerator<RunEvent> {
    for (let failures = 0; failures < attempts; failures++) {
      try {
        const response = await this.#retry(() => open(seen));
        for await (const event of readEvents(response.body!)) {
          if (event.id <= seen) continue;
          seen = event.id;
          failures = 0;
          yield event;
          if (last.includes(event.name)) return;
        }
      } catch (error) {
        if (error instanceof ProblemError) throw error;
      }
      await delay(0.1 * 2 ** failures);
    }
    throw new Error('The stream was lost too often.');
  }

  async #retry<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let wait = 0.1 * 2 ** attempt;
      try {
        return await call();
      } catch (error) {
        if (attempt === attempts || (error instanceof ProblemError && !isRetried(error.problem))) throw error;
        if (error instanceof ProblemError) wait = error.problem.retryAfter ?? wait;
      }
      await delay(wait);
    }
  }

  async #send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(this.key ? { Authorization: `Bearer ${this.key}` } : {}), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response;
    const retryAfter = response.headers.get('Retry-After');
    throw new ProblemError({ ...(await response.json().catch(() => ({ title: `Status ${response.status}.`, status: response.status }))), retryAfter: retryAfter === null ? undefined : Number(retryAfter) });
  }
}

/** Yields the server-sent events of a body. An event that broke off is left out. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of body as any) {
    rest += decoder.decode(bytes, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]));
      if (fields.data) yield { id: Number(fields.id), name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}
