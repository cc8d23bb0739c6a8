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

// The words of Amount.Lasted.
function lasted(time) {
  const seconds = Math.max(0, Math.floor((Date.now() - new Date(time.dateTime)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min ${seconds % 60} s`;
}

function tell() {
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const text = ago(time);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const time of document.querySelectorAll('time[data-lasted]')) time.textContent = lasted(time);
}

// Whether the user changed a field in a part to a value that the new part does not have. Fields of stored data begin with it, others empty.
function isTyped(old, part) {
  return [...old.querySelectorAll('textarea, input:not([type="hidden"])')].some((field) => {
    const first = field.hasAttribute('data-stored') ? field.defaultValue : '';
    return field.value !== first && field.value !== part.querySelector(`[name="${CSS.escape(field.name)}"]`)?.value;
  });
}

// Whether the page has text that would be lost with it: in a field, or kept by the log-in form ("again").
function isWritten() {
  return document.querySelector('[name="again"]') !== null || [...document.querySelectorAll('main textarea, main input[name="reason"]')].some(
    (field) => field.value !== (field.hasAttribute('data-stored') ? field.defaultValue : ''));
}

// Whether the user chose something other than the page did.
function isChosen(field) {
  const options = [...field.options];
  return field.value !== (options.find((option) => option.defaultSelected) ?? options[0])?.value;
}

// What a part says: without how long ago, the token of its forms, and what this module and the user have set on it.
function contentOf(part) {
  const copy = part.cloneNode(true);
  for (const time of copy.querySelectorAll('time')) time.textContent = '';
  for (const token of copy.querySelectorAll('[name="form_token"]')) token.removeAttribute('value');
  for (const scroll of copy.querySelectorAll('.scroll')) scroll.removeAttribute('tabindex');
  for (const button of copy.querySelectorAll('[data-copy]')) button.hidden = true;
  for (const fold of copy.querySelectorAll('details')) fold.open = false;
  for (const note of copy.querySelectorAll('[data-exported]')) note.textContent = '';
  for (const link of copy.querySelectorAll('[data-export]')) delete link.dataset.busy;
  return copy.outerHTML;
}

// A fold without an id is known by its place in what has one.
function nameOf(fold) {
  const owner = fold.closest('[id]');
  return `${owner.id}/${[...owner.querySelectorAll('details')].indexOf(fold)}`;
}

// Finds a link, a button or a fold in a part as it is now.
function findLike(element, old, part) {
  const isLike = (e) => e.getAttribute('href') === element.getAttribute('href') && e.textContent === element.textContent;
  const find = (root) => [...root.querySelectorAll(element.localName)].filter(isLike);
  return find(part)[find(old).indexOf(element)];
}

let isStale = false;
let asked = 0;
let answered = 0;
// Replaces the parts of this page by those of the page as it is now. A part in whose fields the user writes stays. Returns what to say of it.
async function refresh() {
  const turn = ++asked;
  const response = await fetch(document.body.dataset.address, { headers: { Accept: 'text/html' } });
  const html = await response.text();
  // A slow answer does not replace a newer one.
  if (turn < answered) return connection.textContent;
  answered = turn;
  if (response.redirected && new URL(response.url).pathname === '/console/login') {
    // The host keeps a form that is sent without a log-in.
    if (isWritten()) return 'Your log-in has ended. What you wrote is kept when you send it: the host then asks you to log in.';
    return location.assign(response.url);
  }
  if (response.status >= 500) throw new Error(`${response.status}`);
  // A page without parts, such as a receipt, has nothing that changes.
  if (!response.ok) return document.querySelector('[data-part]') ? `The host refuses to show this page (${response.status}). What you see is from ${clock(readAt)}.` : null;
  const page = new DOMParser().parseFromString(html, 'text/html');
  isStale = false;
  // The forms stay valid after a restart of the host.
  const token = page.querySelector('[name="form_token"]')?.value;
  if (token) for (const field of document.querySelectorAll('[name="form_token"]')) field.value = token;
  for (const old of document.querySelectorAll('[data-part]')) {
    const part = page.getElementById(old.id);
    if (!part || contentOf(old) === contentOf(part)) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    // A click is lost when its button is replaced while it is pressed.
    if (focused?.matches('input, select, textarea') || old.querySelector(':active') || isTyped(old, part)) {
      isStale = true;
      continue;
    }
    const focusedAgain = focused && findLike(focused, old, part);
    // A stream in progress keeps its place and what it has shown.
    for (const place of part.querySelectorAll('[data-stream]')) {
      const open = followed.get(place.dataset.stream);
      if (open && open.source.readyState !== EventSource.CLOSED) place.replaceWith(open.place);
    }
    const folds = new Map([...old.querySelectorAll('details')].map((fold) => [nameOf(fold), fold.open]));
    for (const fold of part.querySelectorAll('details')) fold.open = folds.get(nameOf(fold)) ?? fold.open;
    const chosen = new Map([...old.querySelectorAll('select')].filter(isChosen).map((field) => [field.name, field.value]));
    for (const field of part.querySelectorAll('select')) {
      if ([...field.options].some((option) => option.value === chosen.get(field.name))) field.value = chosen.get(field.name);
    }
    const places = [...old.querySelectorAll('.scroll')].map((region) => region.scrollLeft);
    old.replaceWith(document.adoptNode(part));
    [...part.querySelectorAll('.scroll')].forEach((region, index) => { region.scrollLeft = places[index] ?? 0; });
    focusedAgain?.focus({ preventScroll: true });
  }
  const read = document.querySelector('.read time');
  const now = page.querySelector('.read time');
  // A part that stayed is as old as before.
  if (!isStale && read && now) read.replaceWith(document.adoptNode(now));
  if (!isStale) readAt = new Date();
  for (const [url, { source, place }] of followed) {
    if (place.isConnected) continue;
    source.close();
    followed.delete(url);
  }
  start();
  return null;
}

let due;
let moving;
let last = 0;
// Bursts of events read the page once, and at most once a second.
function refreshSoon() {
  due ??= setTimeout(async () => {
    due = undefined;
    last = Date.now();
    try {
      say(await refresh());
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
      const text = await refresh();
      clearInterval(trying);
      trying = undefined;
      say(text);
      follow();
    } catch {
      // It is tried again.
    }
  }, 2000);
}

const ends = ['run.completed', 'run.failed', 'run.cancelled', 'run.requires_action'];
// By address. One that has ended stays while its place does, so that it does not begin again.
const followed = new Map();

function listen(url, place, events) {
  const source = new EventSource(url);
  followed.set(url, { source, place });
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) followed.delete(url);
    lost();
  };
  for (const [name, handle] of Object.entries(events)) source.addEventListener(name, (event) => handle(JSON.parse(event.data), source));
}

// Shows the text of a run while it comes. What the page shows afterwards is what the host has stored.
function stream(place) {
  const url = place.dataset.stream;
  if (document.hidden || followed.has(url)) return;
  const text = place.querySelector('[data-text]');
  const waiting = place.querySelector('[data-waiting]');
  const parts = new Map();
  const line = (content) => {
    const added = document.createElement('p');
    added.className = 'quiet';
    added.textContent = content;
    text.append(added);
  };
  const end = (_, source) => { source.close(); place.removeAttribute('aria-busy'); refreshSoon(); };
  listen(url, place, {
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
  if (document.hidden || followed.has(url)) return;
  const again = () => refreshSoon();
  listen(url, document.body, {
    'tool.started': again, 'tool.completed': again, 'approval.required': again,
    ...Object.fromEntries(ends.map((name) => [name, (_, source) => { source.close(); again(); }])),
  });
}

function follow() {
  const url = document.body.dataset.events;
  if (!url || document.hidden || followed.has(url)) return;
  const names = ['run.started', 'run.ended', 'approval.requested', 'reload', 'reload.refused', 'host.readiness', 'host.stopping', 'gap', 'dropped'];
  listen(url, document.body, Object.fromEntries(names.map((name) => [name, () => refreshSoon()])));
  // Reads what happened after the page was made and before its events began.
  followed.get(url).source.addEventListener('open', () => refreshSoon());
}

function start() {
  for (const place of document.querySelectorAll('[data-stream]')) stream(place);
  for (const place of document.querySelectorAll('[data-watch]')) watch(place);
  // The stage of a run changes without an event of the host.
  if (!document.hidden && document.querySelector('[data-moving]')) moving ??= setTimeout(() => { moving = undefined; refreshSoon(); }, 2000);
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

// The words of Amount.Bytes.
function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;
}

// An export says how far it is. The browser saves the file when all of it has come.
async function exportTo(link) {
  const note = link.closest('.buttons').querySelector('[data-exported]');
  link.dataset.busy = '';
  note.textContent = 'Exporting…';
  try {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error((await response.json()).detail ?? response.status);
    const chunks = [];
    let bytes = 0;
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      bytes += value.length;
      note.textContent = `Exporting, ${size(bytes)} so far…`;
    }
    const file = document.createElement('a');
    file.href = URL.createObjectURL(new Blob(chunks, { type: 'application/json' }));
    file.download = link.download;
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 60000);
    note.textContent = `Exported, ${size(bytes)}.`;
  } catch (error) {
    note.textContent = `The export failed: ${error.message}`;
  } finally {
    delete link.dataset.busy;
  }
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-export]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!('busy' in link.dataset)) exportTo(link);
});

// A second click or key does not send a form again while the browser waits for the answer. One that was stopped can be sent again later.
const sent = new WeakSet();
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post') return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  setTimeout(() => sent.delete(form), 10000);
});

// An import says how far it is.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches('[data-progress]')) return;
  event.preventDefault();
  const bar = form.querySelector('progress');
  const request = new XMLHttpRequest();
  request.upload.onprogress = (sent) => { bar.hidden = false; bar.max = sent.total; bar.value = sent.loaded; };
  // All is sent, and the host works.
  request.upload.onload = () => bar.removeAttribute('value');
  request.onerror = () => { sent.delete(form); bar.hidden = true; say('The file could not be sent: the host does not answer.'); };
  request.onload = () => {
    if (request.responseURL && new URL(request.responseURL).pathname !== location.pathname && request.status < 400 && !request.responseURL.endsWith('/import')) location.assign(request.responseURL);
    else {
      const main = new DOMParser().parseFromString(request.responseText, 'text/html').querySelector('main');
      // A proxy answers without a page.
      if (!main) {
        sent.delete(form);
        bar.hidden = true;
        say(`The file was not imported: the answer has the status ${request.status}.`);
        return;
      }
      // It says so when the host is lost.
      main.querySelector('#connection').replaceWith(connection);
      document.querySelector('main').replaceWith(document.adoptNode(main));
      start();
    }
  };
  request.open('POST', form.action);
  request.send(new FormData(form));
});

for (const name of ['focusout', 'pointerup']) document.addEventListener(name, () => { if (isStale) refreshSoon(); });

// Browsers open six connections to a host, so a page that is not seen keeps none.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    refreshSoon();
    start();
    follow();
    return;
  }
  for (const { source } of followed.values()) source.close();
  followed.clear();
});

// The answer to a form has the form's address. The page's can be kept and sent.
if (location.pathname + location.search !== document.body.dataset.address) history.replaceState(null, '', document.body.dataset.address + location.hash);

addEventListener('pagehide', () => {
  clearInterval(trying);
  // The page may come back from the cache of the browser.
  trying = undefined;
});
setInterval(tell, 1000);
start();
follow();
