// Offsets count UTF-16 units in here, as JavaScript's strings do; whatever leaves the page counts code points.
const at = (id) => document.getElementById(id);
const [box, reading, list, as] = ["text", "reading", "list", "as"].map(at);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children); // strings become text, never markup
  return element;
};

let model; // what the service says of its pipeline
let text = ""; // the text that was read last; the box may be ahead of it
let answer = []; // the entities that the pipeline found in it
let entities = []; // the same, corrected: {start, end, label, confidence, given: the pipeline's label, removed}
let chosen; // {start, end, inBox}: what a correction is about, and where it was selected
let token = ""; // in memory alone
let rows = 200; // as many rows are listed at first: a long text may hold thousands
const labels = new Map(); // each label's checkbox, count and colour

// Asking the service ---------------------------------------------------------------------------------------------

const SAID = {
  401: "This service asks for a token.",
  503: "The service is busy and will be asked again.",
  504: "The service took too long; a shorter text may help.",
};

class Refusal extends Error {
  constructor(said, status, seconds) {
    super(said);
    Object.assign(this, { status, seconds });
  }
}

async function ask(path, signal, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    const method = body ? "POST" : "GET";
    response = await fetch(path, { signal, headers, method, body: body && JSON.stringify(body) });
    if (response.ok) return await response.json();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Refusal("The service cannot be reached and will be asked again.", 0, 5);
  }
  const { status } = response;
  const detail = await response.json().then((answer) => `: ${answer.detail}`, () => ""); // a proxy's page has none
  const said = SAID[status] ?? `The service refused this text (${status})${detail}.`;
  throw new Refusal(said, status, status === 503 && (Number(response.headers.get("Retry-After")) || 1));
}

let timer, request;
const wait = (milliseconds) => {
  clearTimeout(timer);
  timer = setTimeout(read, milliseconds);
};

async function read() {
  clearTimeout(timer);
  request?.abort(); // so that an older answer never comes after a newer one
  request = new AbortController();
  const { signal } = request;
  const asked = box.value.toWellFormed(); // half an emoji becomes a sign of as many units
  reading.ariaBusy = "true";
  try {
    if (!model) introduce((model = await ask("v1/model", signal)));
    const body = { text: asked, confidence: true, offsets: "utf-16" };
    const found = asked.trim() ? (await ask("v1/entities", signal, body)).results[0].entities : [];
    if (signal.aborted) return;
    at("fault").textContent = "";
    at("access").hidden = true;
    const kept = moveCorrections(text, asked);
    text = asked;
    answer = found;
    entities = [...kept, ...fresh().filter((entity) => !kept.some((other) => overlap(entity, other)))];
    chosen = undefined;
    choose();
    show();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Refusal)) throw error;
    const wrong = error.status === 401 && token;
    at("fault").textContent = wrong ? "The service does not accept this token." : error.message;
    at("access").hidden = error.status !== 401;
    if (error.seconds) wait(1000 * error.seconds);
  }
  reading.ariaBusy = "false";
}

// Entities and corrections ---------------------------------------------------------------------------------------

const overlap = (a, b) => a.start < b.end && b.start < a.end;
const isCorrected = (entity) => entity.removed || entity.label !== entity.given;
const surface = ({ start, end }) => text.slice(start, end);
const isShown = (label) => labels.get(label).input.checked;

// Training takes no entity that begins or ends in white space.
function trim(span) {
  const found = surface(span);
  const start = span.start + found.length - found.trimStart().length;
  return { ...span, start, end: Math.max(start, start + found.trim().length) };
}

// What the pipeline found, uncorrected.
const fresh = () =>
  answer.map(({ start, end, label, confidence }) => trim({ start, end, label, confidence, given: label }));

// Corrections stay while the text is edited elsewhere.
function moveCorrections(before, after) {
  const least = Math.min(before.length, after.length);
  let head = 0;
  let tail = 0;
  while (head < least && before[head] === after[head]) head++;
  while (tail < least - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const shift = after.length - before.length;
  return entities.filter(isCorrected).flatMap((entity) => {
    if (entity.end <= head) return entity;
    if (entity.start < before.length - tail) return [];
    return { ...entity, start: entity.start + shift, end: entity.end + shift };
  });
}

// Entities do not overlap: the one that is set takes the place of others.
function setLabel({ start, end }, label) {
  let entity = entities.find((other) => start === other.start && end === other.end);
  if (!entity) entities.push((entity = { start, end }));
  for (const other of entities) if (overlap(other, entity)) other.removed = true;
  Object.assign(entity, { label, removed: false });
  addLabel(label);
  labels.get(label).input.checked = true;
  show(`“${surface(entity)}” is ${label}.`);
}

function remove(gone) {
  for (const entity of gone) entity.removed = true;
  show(`“${gone.map(surface).join("”, “")}” removed.`);
}

const inChosen = () => entities.filter((entity) => chosen && !entity.removed && overlap(entity, chosen));

// What is selected in the reading or in the box; without a selection, the entity at the caret.
function choose() {
  let span;
  const inBox = document.activeElement === box;
  if (inBox) {
    if (box.value.toWellFormed() === text) span = { start: box.selectionStart, end: box.selectionEnd };
  } else {
    const selection = getSelection();
    const range = selection.rangeCount && selection.getRangeAt(0);
    if (!range || !(reading.contains(range.startContainer) || reading.contains(range.endContainer))) return;
    const length = (node, offset) => {
      if (!reading.contains(node)) return node === range.startContainer ? 0 : text.length;
      const before = new Range();
      before.setStart(reading, 0);
      before.setEnd(node, offset);
      return before.toString().length;
    };
    span = { start: length(range.startContainer, range.startOffset), end: length(range.endContainer, range.endOffset) };
  }
  if (span && span.start === span.end) {
    const caret = span.start;
    span = entities.find((entity) => !entity.removed && entity.start <= caret && caret < entity.end);
  }
  const { start, end } = trim(span ?? { start: 0, end: 0 });
  chosen = start < end ? { start, end, inBox } : undefined;
  const label = inChosen()[0]?.label;
  if (label) as.value = label;
  showChosen();
}

// Showing --------------------------------------------------------------------------------------------------------

const percent = (share) => (typeof share === "number" ? `${Math.round(100 * share)} %` : "–");

function addLabel(label) {
  if (labels.has(label)) return;
  const input = make("input", { type: "checkbox", checked: true, onchange: () => show() });
  const count = make("data", {});
  const colour = `c${labels.size % 8}`;
  labels.set(label, { input, count, colour });
  at("labels").append(make("li", {}, make("label", {}, input, make("mark", { className: colour }, label), count)));
  as.append(make("option", {}, label));
}

function introduce({ name, version, description, labels: known, license, sources, performance }) {
  const score = (value) => (typeof value === "number" ? (100 * value).toFixed(1) : "–");
  const { ents_f, ents_per_type } = performance ?? {};
  document.title = `${name}: entities in a text`;
  at("name").textContent = name;
  at("description").textContent = description ?? "";
  const quality = typeof ents_f === "number" ? ` · F ${score(ents_f)} on texts it was not trained on` : "";
  at("facts").textContent = `Version ${version}${quality}`;
  for (const label of known) addLabel(label);
  const made = (sources ?? []).map((source) => source.name ?? source).join(", ");
  const about = { Licence: license || "not stated", "Made from": made };
  for (const [what, value] of Object.entries(about)) {
    if (value) at("about").append(make("dt", {}, what), make("dd", {}, value));
  }
  for (const [label, { p, r, f }] of Object.entries(ents_per_type ?? {})) {
    const cells = [p, r, f].map((value) => make("td", {}, score(value)));
    at("scores").querySelector("tbody").append(make("tr", {}, make("th", { scope: "row" }, label), ...cells));
    at("scores").hidden = false;
  }
}

function say(message) {
  if (at("found").textContent !== message) at("found").textContent = message;
}

function show(message = "") {
  entities.sort((a, b) => a.start - b.start);
  const kept = entities.filter((entity) => !entity.removed);
  for (const { label } of entities) addLabel(label);
  for (const { count } of labels.values()) count.value = 0;
  for (const { label } of kept) labels.get(label).count.value++;
  for (const { count } of labels.values()) count.textContent = count.value;
  const visible = kept.filter(({ label }) => isShown(label));
  showReading(visible);
  showList(entities.filter(({ label }) => isShown(label)));
  showChosen();
  at("all").textContent = [...labels.values()].some(({ input }) => input.checked) ? "Hide all" : "Show all";
  for (const id of ["copy", "download", "undo"]) at(id).disabled = !text;
  const found = visible.length < kept.length ? `${visible.length} of ${kept.length} shown` : `${kept.length} found`;
  say(message || (text && found));
}

function showReading(visible) {
  const lines = new DocumentFragment(); // one element each, which is laid out sooner, and has its own direction
  let line;
  const add = (part) => (line ??= lines.appendChild(make("div", { dir: "auto" }))).append(part);
  const addPlain = (plain) => {
    for (const part of plain.split(/(?<=\n)/)) {
      if (part) add(part);
      if (part.endsWith("\n")) line = undefined;
    }
  };
  let end = 0;
  for (const entity of visible) {
    const mark = make("mark", { className: labels.get(entity.label).colour }, surface(entity));
    Object.assign(mark.dataset, { label: entity.label, sure: percent(entity.confidence) });
    addPlain(text.slice(end, entity.start));
    add(mark);
    end = entity.end;
  }
  addPlain(text.slice(end));
  if (reading.contains(getSelection().anchorNode)) getSelection().removeAllRanges(); // these nodes go
  reading.replaceChildren(lines);
}

function showList(visible) {
  const { activeElement } = document;
  const focused = list.contains(activeElement) ? [activeElement.closest("tr").entity, activeElement.localName] : [];
  list.replaceChildren(...visible.slice(0, rows).map(makeRow));
  const row = [...list.rows].find(({ entity }) => entity === focused[0]);
  row?.querySelector(focused[1]).focus(); // the row was made anew
  at("listed").hidden = !visible.length;
  at("more").hidden = visible.length <= rows;
  at("more").textContent = `List more of ${visible.length}`;
}

function makeRow(entity) {
  const name = `“${surface(entity)}”`;
  const options = [...labels.keys()].map((label) => make("option", { selected: label === entity.label }, label));
  const select = make("select", { ariaLabel: `Label of ${name}`, disabled: entity.removed }, ...options);
  select.onchange = () => setLabel(entity, select.value);
  const button = make("button", { type: "button", ariaLabel: `${entity.removed ? "Restore" : "Remove"} ${name}` });
  button.append(entity.removed ? "Restore" : "Remove");
  button.onclick = () => (entity.removed ? setLabel(entity, entity.label) : remove([entity]));
  const sure = entity.label === entity.given ? percent(entity.confidence) : "yours";
  const cells = [select, sure, button].map((cell) => make("td", {}, cell));
  const head = make("th", { scope: "row", dir: "auto" }, surface(entity));
  return make("tr", { entity, className: entity.removed ? "removed" : "" }, head, ...cells);
}

function showChosen() {
  at("chosen").textContent = chosen ? `“${surface(chosen)}”` : "To correct, select words here or above.";
  at("set").disabled = !chosen;
  at("remove").disabled = !inChosen().length;
}

// Taking away ----------------------------------------------------------------------------------------------------

function inCodePoints() {
  let units = 0;
  let points = 0;
  const count = (offset) => {
    for (const _ of text.slice(units, offset)) points++;
    units = offset;
    return points;
  };
  const kept = entities.filter((entity) => !entity.removed);
  return kept.map((entity) => ({
    text: surface(entity),
    label: entity.label,
    start: count(entity.start),
    end: count(entity.end),
    confidence: (entity.label === entity.given ? entity.confidence : null) ?? null,
  }));
}

async function copy() {
  const json = JSON.stringify({ model: `${model.name}-${model.version}`, text, entities: inCodePoints() }, null, 2);
  try {
    await navigator.clipboard.writeText(json);
  } catch {
    // without TLS there is no clipboard but by way of a selection
    const helper = make("textarea", { value: json });
    document.body.append(helper);
    helper.select();
    document.execCommand("copy");
    helper.remove();
    at("copy").focus();
  }
  say("JSON copied.");
}

function download() {
  const spans = inCodePoints().map(({ start, end, label }) => ({ start, end, label }));
  const href = URL.createObjectURL(new Blob([JSON.stringify({ text, spans }) + "\n"], { type: "application/jsonl" }));
  make("a", { href, download: "correction.jsonl" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
  say("Correction downloaded.");
}

box.addEventListener("input", () => wait(Math.min(1000, 150 + box.value.length / 100)));
document.addEventListener("selectionchange", choose);
box.addEventListener("selectionchange", choose);
as.addEventListener("change", showChosen);
at("correct").addEventListener("submit", (event) => {
  event.preventDefault();
  setLabel(chosen, as.value);
  (chosen.inBox ? box : as).focus();
});
at("remove").addEventListener("click", () => {
  remove(inChosen());
  (chosen.inBox ? box : as).focus(); // the button is of no more use
});
at("all").addEventListener("click", () => {
  const hide = at("all").textContent === "Hide all";
  for (const { input } of labels.values()) input.checked = !hide;
  show();
});
at("sure").addEventListener("change", ({ target }) => reading.classList.toggle("sure", target.checked));
at("more").addEventListener("click", () => {
  const next = rows;
  rows += 200;
  show();
  list.rows[next].querySelector("select").focus();
});
at("copy").addEventListener("click", copy);
at("download").addEventListener("click", download);
at("undo").addEventListener("click", () => {
  entities = fresh();
  show("Corrections undone.");
});
at("access").addEventListener("submit", (event) => {
  event.preventDefault();
  token = at("token").value;
  box.focus();
  read();
});
read();
