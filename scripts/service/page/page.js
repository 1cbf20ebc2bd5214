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
let chosen; // {start, end}: what a correction is about
let token = ""; // in memory alone
let rows = 200; // as many rows are listed at first: a long text may hold thousands
const labels = new Map(); // each label's checkbox and count

// Asking the service ---------------------------------------------------------------------------------------------

const SAID = {
  401: "This service asks for a token",
  413: "The text is too long for this service",
  422: "The service cannot read this text",
  503: "The service is busy and will be asked again",
  504: "The service took too long; a shorter text may help",
};

class Refusal extends Error {
  constructor(said, status, seconds) {
    super(said);
    Object.assign(this, { status, seconds });
  }
}

async function ask(path, signal, body) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { signal, headers, method: body ? "POST" : "GET", body: body && JSON.stringify(body) });
    if (response.ok) return await response.json();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Refusal("The service cannot be reached and will be asked again.", 0, 5);
  }
  const { status } = response;
  const said = await response.text().catch(() => "");
  const seconds = status === 503 ? Number(response.headers.get("Retry-After")) || 1 : 0;
  throw new Refusal(`${SAID[status] ?? `The service answered with an error (${status})`}${explain(said)}.`, status, seconds);
}

function explain(said) {
  try {
    const { detail } = JSON.parse(said);
    said = Array.isArray(detail) ? detail.map((one) => one.msg).join("; ") : detail;
  } catch {
    // not JSON: a text, or a proxy's page
  }
  return typeof said === "string" && said && !said.startsWith("<") ? `: ${said.slice(0, 200).replace(/\.$/, "")}` : "";
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
    answer = found;
    const kept = moveCorrections(text, asked);
    entities = [...kept, ...fresh().filter((entity) => !kept.some((other) => overlap(entity, other)))];
    text = asked;
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
const fresh = () => answer.map(({ start, end, label, confidence }) => ({ start, end, label, confidence, given: label }));
const surface = ({ start, end }) => text.slice(start, end);
const isShown = (label) => labels.get(label).input.checked;

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
function setLabel(span, label) {
  let entity = entities.find(({ start, end }) => start === span.start && end === span.end);
  if (!entity) entities.push((entity = { ...span }));
  for (const other of entities) if (overlap(other, entity)) other.removed = true;
  Object.assign(entity, { label, removed: false });
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
  if (document.activeElement === box) {
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
  const selected = span ? surface(span) : "";
  const start = span?.start + selected.length - selected.trimStart().length;
  chosen = selected.trim() ? { start, end: start + selected.trim().length } : undefined;
  const label = inChosen()[0]?.label;
  if (label) as.value = label;
  showChosen();
}

// Showing --------------------------------------------------------------------------------------------------------

const percent = (share) => (typeof share === "number" ? `${Math.round(100 * share)} %` : "–");
const colour = (label) => `c${[...labels.keys()].indexOf(label) % 8}`;

function addLabel(label) {
  if (labels.has(label)) return;
  const input = make("input", { type: "checkbox", checked: true, onchange: () => show() });
  const count = make("data", {});
  labels.set(label, { input, count });
  at("labels").append(make("li", {}, make("label", {}, input, make("mark", { className: colour(label) }, label), count)));
  as.append(make("option", {}, label));
}

function introduce({ name, version, description, labels: known, license, sources, performance }) {
  const score = (value) => (typeof value === "number" ? (100 * value).toFixed(1) : "–");
  const { ents_f, ents_per_type } = performance ?? {};
  document.title = `${name}: entities in a text`;
  at("name").textContent = name;
  at("description").textContent = description ?? "";
  at("facts").textContent = `Version ${version}${typeof ents_f === "number" ? ` · F ${score(ents_f)} on texts it had not seen` : ""}`;
  for (const label of known) addLabel(label);
  const made = (sources ?? []).map((source) => source.name ?? source).join(", ");
  const about = { Name: name, Version: version, Licence: license, "Made from": made };
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
  at("copy").disabled = at("download").disabled = !text;
  at("undo").disabled = !entities.some(isCorrected);
  const found = visible.length < kept.length ? `${visible.length} of ${kept.length} shown` : `${kept.length} found`;
  say(message || (text && found));
}

function showReading(visible) {
  const parts = new DocumentFragment();
  let end = 0;
  for (const entity of visible) {
    const mark = make("mark", { className: colour(entity.label) }, surface(entity));
    Object.assign(mark.dataset, { label: entity.label, sure: percent(entity.confidence) });
    parts.append(text.slice(end, entity.start), mark);
    end = entity.end;
  }
  parts.append(text.slice(end));
  reading.replaceChildren(parts);
}

function showList(visible) {
  const { activeElement } = document;
  const focused = list.contains(activeElement) ? [activeElement.closest("tr").entity, activeElement.localName] : [];
  list.replaceChildren(...visible.slice(0, rows).map(makeRow));
  const row = [...list.rows].find(({ entity }) => entity === focused[0]);
  row?.querySelector(focused[1]).focus(); // the row was made anew
  at("more").hidden = visible.length <= rows;
  at("more").textContent = `List all ${visible.length}`;
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
  const cells = [make("th", { scope: "row", dir: "auto" }, surface(entity)), ...[select, sure, button].map((cell) => make("td", {}, cell))];
  return make("tr", { entity, className: entity.removed ? "removed" : "" }, ...cells);
}

function showChosen() {
  const gone = inChosen();
  at("chosen").textContent = chosen ? `“${surface(chosen)}”` : "To correct, select words here or above.";
  at("set").disabled = !chosen || (gone.length === 1 && gone[0].label === as.value && surface(gone[0]) === surface(chosen));
  at("remove").disabled = !gone.length;
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
  return entities.filter((entity) => !entity.removed).map((entity) => ({ ...entity, start: count(entity.start), end: count(entity.end), text: surface(entity) }));
}

async function copy() {
  const found = inCodePoints().map(({ text, label, start, end, confidence = null, given }) => ({
    text, label, start, end, confidence: label === given ? confidence : null,
  }));
  const json = JSON.stringify({ model: `${model.name}-${model.version}`, text, entities: found }, null, 2);
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
});
at("remove").addEventListener("click", () => remove(inChosen()));
at("all").addEventListener("click", () => {
  const hide = at("all").textContent === "Hide all";
  for (const { input } of labels.values()) input.checked = !hide;
  show();
});
at("sure").addEventListener("change", ({ target }) => reading.classList.toggle("sure", target.checked));
at("more").addEventListener("click", () => {
  rows = Infinity;
  show();
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
  read();
});
read();
