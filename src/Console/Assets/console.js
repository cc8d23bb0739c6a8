// Improves pages that work without it: streams runs, keeps lists fresh, and says when the host cannot be reached.
const connection = document.querySelector('#connection');
let readAt = new Date();

const clock = (date) => date.toLocaleTimeString([], { hour12: false });

function say(text) {
  connection.textContent = text ?? '';
  connection.hidden = !text;
}

// The words of Amount.Ago.
function ago(time) {
  const seconds = Math.max(0, (Date.now() - new Date(time.dateTime)) / 1000);
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

function tell() {
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const text = ago(time);
    if (time.textContent !== text) time.textContent = text;
  }
}

// Replaces the parts of this page by those of the page as it is now. A part with the focus stays, so that no text is lost.
async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (response.redirected && new URL(response.url).pathname === '/console/login') return location.reload();
  if (!response.ok) throw new Error(`${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const old of document.querySelectorAll('[data-part]')) {
    const part = page.getElementById(old.id);
    if (!part || old.contains(document.activeElement) || old.outerHTML === part.outerHTML) continue;
    const open = [...old.querySelectorAll('details[open][id]')].map((d) => d.id);
    old.replaceWith(document.adoptNode(part));
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  }
  const read = document.querySelector('.read time');
  const now = page.querySelector('.read time');
  if (read && now) read.replaceWith(document.adoptNode(now));
  readAt = new Date();
  start();
}

let due;
let last = 0;
// Bursts of events read the page once, and at most once a second.
function refreshSoon() {
  due ??= setTimeout(async () => {
    due = undefined;
    last = Date.now();
    try {
      await refresh();
      say(null);
    } catch {
      lost();
    }
  }, Math.max(50, last + 1000 - Date.now()));
}

let trying;
function lost() {
  if (trying) return;
  say(`The connection to the host is lost. What you see is from ${clock(readAt)}. Trying again…`);
  trying = setInterval(async () => {
    try {
      await refresh();
      clearInterval(trying);
      trying = undefined;
      say(null);
      follow();
    } catch {
      // It is tried again.
    }
  }, 2000);
}

const ends = ['run.completed', 'run.failed', 'run.cancelled', 'run.requires_action'];
const followed = new Set();

function listen(url, events) {
  const source = new EventSource(url);
  source.onopen = () => { if (!trying) say(null); };
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) followed.delete(url);
    lost();
  };
  for (const [name, handle] of Object.entries(events)) source.addEventListener(name, (event) => handle(JSON.parse(event.data), source));
  return source;
}

// Shows the text of a run while it comes. What the page shows afterwards is what the host has stored.
function stream(place) {
  const url = place.dataset.stream;
  if (followed.has(url)) return;
  followed.add(url);
  const text = place.querySelector('[data-text]');
  const waiting = place.querySelector('[data-waiting]');
  const parts = new Map();
  const line = (content) => {
    const added = document.createElement('p');
    added.className = 'quiet';
    added.textContent = content;
    text.append(added);
  };
  const end = (_, source) => { source.close(); followed.delete(url); place.removeAttribute('aria-busy'); refreshSoon(); };
  listen(url, {
    'run.started': () => { text.replaceChildren(); parts.clear(); if (waiting) waiting.hidden = true; },
    'message.delta': (delta) => {
      const key = `${delta.message_id}/${delta.index}`;
      if (!parts.has(key)) {
        const part = document.createElement('div');
        text.append(part);
        parts.set(key, part);
      }
      parts.get(key).append(delta.text);
    },
    'tool.started': (tool) => line(`calls ${tool.name} …`),
    'tool.completed': (tool) => line(tool.error ? `${tool.name} failed` : `${tool.name} returned`),
    'input.added': () => line('your message was added'),
    'approval.required': () => refreshSoon(),
    ...Object.fromEntries(ends.map((name) => [name, end])),
  });
}

function watch(place) {
  const url = place.dataset.watch;
  if (followed.has(url)) return;
  followed.add(url);
  const again = () => refreshSoon();
  listen(url, {
    'tool.started': again, 'tool.completed': again, 'approval.required': again,
    ...Object.fromEntries(ends.map((name) => [name, (_, source) => { source.close(); followed.delete(url); again(); }])),
  });
}

function follow() {
  const url = document.body.dataset.events;
  if (!url || followed.has(url)) return;
  followed.add(url);
  listen(url, Object.fromEntries(['run.started', 'run.ended', 'approval.requested', 'reload', 'host.readiness', 'gap', 'dropped'].map((name) => [name, () => refreshSoon()])));
}

function start() {
  for (const place of document.querySelectorAll('[data-stream]')) stream(place);
  for (const place of document.querySelectorAll('[data-watch]')) watch(place);
  for (const button of document.querySelectorAll('[data-copy]')) button.hidden = !navigator.clipboard;
  // A region that scrolls is reached by keyboard.
  for (const region of document.querySelectorAll('.scroll')) {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    else region.removeAttribute('tabindex');
  }
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]');
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !event.target.matches?.('[data-submit]')) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// An import says how far it is.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('[data-progress]')) return;
  event.preventDefault();
  const bar = form.querySelector('progress');
  const request = new XMLHttpRequest();
  request.upload.onprogress = (sent) => { bar.hidden = false; bar.max = sent.total; bar.value = sent.loaded; };
  request.onerror = () => { bar.hidden = true; say('The file could not be sent: the host does not answer.'); };
  request.onload = () => {
    if (request.responseURL && new URL(request.responseURL).pathname !== location.pathname && request.status < 400 && !request.responseURL.endsWith('/import')) location.assign(request.responseURL);
    else {
      const page = new DOMParser().parseFromString(request.responseText, 'text/html');
      document.querySelector('main').replaceWith(document.adoptNode(page.querySelector('main')));
    }
  };
  request.open('POST', form.action);
  request.send(new FormData(form));
});

addEventListener('pagehide', () => clearInterval(trying));
setInterval(tell, 1000);
start();
follow();
