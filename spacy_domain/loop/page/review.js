// Spans count tokens, as [first, behind the last, label]: an entity never cuts through one.
const at = (id) => document.getElementById(id);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children); // strings become text, never markup
  return element;
};
const token = document.querySelector('meta[name="token"]').content;
const box = at("text");

let task; // the text on the screen: {id, tokens, spans, source, again, notes}
let labels = []; // {label, rule}
let spans = []; // its entities as they are now
let chosen; // [first, last]: the words that a label would be for; first is where the choice began
let pieces = []; // what shows each token
let since = 0; // when it came up
let busy = false; // while a decision is on its way, there is nothing to decide

// Asking the server ----------------------------------------------------------------------------------------------

async function ask(path, body) {
  busy = true;
  try {
    const headers = { "X-Review-Token": token, "Content-Type": "application/json" };
    const response = await fetch(`api/${path}`, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok && response.status !== 409) throw new Error(answer.detail);
    at("fault").textContent = response.status === 409 ? "That text was decided elsewhere. This is the next one." : "";
    show(answer);
  } catch (error) {
    // What was done on the page stays: it can be sent again
    const gone = error instanceof TypeError;
    at("fault").textContent = gone ? "The server cannot be reached. Start it again; nothing that was confirmed is lost." : error.message;
  } finally {
    busy = false;
  }
}

function decide(answer) {
  if (!task || busy) return;
  ask("decision", { id: task.id, answer, spans, seconds: (performance.now() - since) / 1000 });
}

function undo() {
  if (!busy) ask("undo", {});
}

// What is chosen -------------------------------------------------------------------------------------------------

const isSpace = (i) => !task.tokens[i][0].trim();
const range = ([a, b]) => [Math.min(a, b), Math.max(a, b) + 1];
const surface = ([start, end]) => task.tokens.slice(start, end).map(([word, space]) => word + space).join("").trim();
const overlap = (a, b) => a[0] < b[1] && b[0] < a[1];
const entityAt = (i) => spans.find(([start, end]) => start <= i && i < end);

// The words that a label would be for: the whole entity that is touched, or what is chosen without white space around it.
function target() {
  if (!chosen) return;
  let [start, end] = range(chosen);
  const touched = chosen[0] === chosen[1] && entityAt(chosen[0]);
  if (touched) return touched;
  while (start < end && isSpace(start)) start++;
  while (start < end && isSpace(end - 1)) end--;
  return start < end ? [start, end] : undefined;
}

function choose(from, to = from) {
  chosen = from === undefined ? undefined : [from, to];
  showChosen();
  const span = target();
  const entity = span && spans.find(([start, end]) => start === span[0] && end === span[1]);
  if (entity) showRule(entity[2]);
  say(span ? `“${surface(span)}”${entity ? ` is ${entity[2]}` : ""}` : "");
}

function label(name) {
  const span = target();
  showRule(name);
  if (!span) return say("Choose words first: drag over them, double click one, or use the arrow keys.");
  spans = spans.filter((other) => !overlap(other, span));
  spans.push([span[0], span[1], name]);
  spans.sort((a, b) => a[0] - b[0]);
  chosen = [span[0], span[1] - 1];
  draw();
  say(`“${surface(span)}” is ${name}`);
}

function remove() {
  const span = target();
  const gone = span ? spans.filter((other) => overlap(other, span)) : [];
  if (!gone.length) return say("There is no entity here.");
  spans = spans.filter((other) => !gone.includes(other));
  draw();
  say(`“${gone.map(surface).join("”, “")}” is no entity`);
}

function step(by, more) {
  const last = task.tokens.length - 1;
  let i = chosen ? chosen[1] : by > 0 ? -1 : last + 1;
  const entity = !more && chosen && entityAt(i);
  if (entity) i = by > 0 ? entity[1] - 1 : entity[0]; // an entity is one step
  do i += by;
  while (i >= 0 && i <= last && isSpace(i));
  if (i < 0 || i > last) return;
  choose(more && chosen ? chosen[0] : i, i);
}

function jump(by) {
  if (!spans.length) return say("There are no entities.");
  const here = chosen ? range(chosen)[0] : by > 0 ? -1 : Infinity;
  const next = by > 0 ? spans.find(([start]) => start > here) ?? spans[0] : spans.findLast(([start]) => start < here) ?? spans.at(-1);
  choose(next[0], next[1] - 1);
}

// Showing --------------------------------------------------------------------------------------------------------

const SOURCES = { model: "the model", base: "the base" };
const say = (what) => (at("said").textContent = what);
const colourOf = (name) => `c${Math.max(0, labels.findIndex((one) => one.label === name)) % 8}`;

function show(state) {
  labels = state.labels;
  at("labels").replaceChildren(...labels.map(({ label: name }, number) => {
    const button = make("button", { type: "button", className: colourOf(name), onclick: () => label(name) });
    button.dataset.label = name;
    const key = number < 9 ? `${number + 1}` : number < 18 ? `⇧${number - 8}` : "";
    button.append(...(key ? [make("kbd", {}, key), " "] : []), name);
    return button;
  }));
  if (!at("rule").dataset.label && labels.length) showRule(labels[0].label);
  showProgress(state);
  showLearned(state.learned);
  const same = task && state.task?.id === task.id; // what was done on it stays
  task = state.task;
  at("card").hidden = !task;
  at("end").hidden = !!task;
  if (!task) return (box.textContent = "");
  if (!same) {
    spans = task.spans;
    chosen = undefined;
    since = performance.now();
    say("");
  }
  const source = task.source && task.source !== "you" ? `Suggested by ${task.source.split(" and ").map((name) => SOURCES[name] ?? name).join(" and ")}` : "Nothing is suggested";
  at("origin").textContent = [task.again ? "You decided this: what you decide now counts instead" : source, ...task.notes].join(" · ");
  draw();
  if (!same) box.scrollTop = 0;
  if (document.activeElement === document.body) box.focus({ preventScroll: true });
}

function showProgress({ annotator, decided, waiting, seconds, others }) {
  const done = decided.accept + decided.reject + decided.ignore;
  at("who").textContent = annotator + (others ? ` and ${others} more` : "");
  at("progress").max = done + waiting + 1;
  at("progress").value = done;
  const minutes = seconds === null ? "" : ` · about ${Math.ceil(((waiting + 1) * seconds) / 60)} min for all`;
  at("left").textContent = `${decided.accept} accepted, ${decided.reject} rejected, ${decided.ignore} skipped · ${waiting} left${minutes}`;
}

function showLearned({ scores, note }) {
  at("model").hidden = !scores?.length && !note;
  const last = scores?.at(-1);
  at("score").textContent = last ? `F ${(100 * last.f).toFixed(0)}` : "";
  at("scored").textContent = last ? `by cross-validation on ${last.texts} texts (${(100 * last.low).toFixed(0)} to ${(100 * last.high).toFixed(0)})` : note;
  const least = scores?.[0]?.texts;
  const x = (texts) => (200 * (texts - least)) / Math.max(1, last.texts - least);
  const bottom = Math.min(...(scores ?? []).map(({ low }) => low));
  const top = Math.max(...(scores ?? []).map(({ high }) => high));
  const y = (f) => 58 - (56 * (f - bottom)) / Math.max(0.01, top - bottom);
  const points = scores?.length > 1 ? scores.map(({ texts, f }) => [x(texts), y(f)]) : [];
  at("curve").toggleAttribute("hidden", !points.length);
  at("curve").ariaLabel = (scores ?? []).map(({ texts, f }) => `${texts} texts: F ${(100 * f).toFixed(0)}`).join(", ");
  const svg = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  at("curve").replaceChildren(svg("polyline", { points: points.join(" ") }), ...points.map(([cx, cy]) => svg("circle", { cx, cy, r: 3 })));
}

// "[Friday]" in a guide is an example of the label.
function showRule(name) {
  const { rule } = labels.find((one) => one.label === name) ?? { rule: "" };
  const mark = (word) => make("mark", { className: colourOf(name) }, word);
  const parts = rule.replaceAll("**", "").split(/\[([^\]\n]+)\]/).map((part, i) => (i % 2 ? mark(part) : part));
  at("rule").dataset.label = name;
  at("rule").replaceChildren(make("strong", {}, mark(name)), "\n", ...(rule ? parts : ["The guide has no rule for it."]));
  for (const button of at("labels").children) button.classList.toggle("on", button.dataset.label === name);
}

function draw() {
  const parts = [];
  pieces = [];
  let mark, entity;
  task.tokens.forEach(([word, space], i) => {
    const found = entityAt(i);
    const piece = make("span", {}, word);
    piece.dataset.i = i;
    pieces.push(piece);
    if (found && found === entity) mark.append(piece);
    else if (found) {
      mark = make("mark", { className: colourOf(found[2]) }, piece);
      mark.dataset.label = found[2];
      parts.push(mark);
    } else parts.push(piece);
    entity = found;
    if (space) (found && i + 1 < found[1] ? mark : parts)[found && i + 1 < found[1] ? "append" : "push"](space);
  });
  box.replaceChildren(...parts);
  showChosen();
}

// A long text is not drawn anew for every word that is passed.
function showChosen() {
  for (const piece of box.querySelectorAll(".chosen")) piece.classList.remove("chosen");
  if (!chosen) return;
  for (const piece of pieces.slice(...range(chosen))) piece.classList.add("chosen");
  pieces[chosen[1]].scrollIntoView({ block: "nearest" });
}

// Mouse and keys -------------------------------------------------------------------------------------------------

const wordAt = ({ clientX, clientY }) => {
  const piece = document.elementFromPoint(clientX, clientY)?.closest("#text [data-i], #text mark");
  if (!piece) return undefined;
  return Number((piece.dataset.i ? piece : piece.querySelector("[data-i]")).dataset.i);
};
let pressed; // the word where the button went down

box.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !task) return;
  pressed = wordAt(event);
  choose(pressed);
});
document.addEventListener("pointermove", (event) => {
  if (pressed === undefined) return;
  const word = wordAt(event);
  if (word !== undefined && word !== chosen?.[1]) choose(pressed, word);
});
document.addEventListener("pointerup", () => (pressed = undefined));
// A click leaves the focus where it was: else the next space would press the button again
document.addEventListener("mousedown", (event) => event.target.closest("#labels, #decide") && event.preventDefault());

const KEYS = {
  a: () => decide("accept"),
  Enter: () => decide("accept"),
  x: () => decide("reject"),
  " ": () => decide("ignore"),
  Backspace: undo,
  u: undo,
  0: remove,
  Delete: remove,
  Escape: () => choose(),
  ArrowLeft: (more) => step(-1, more),
  ArrowRight: (more) => step(1, more),
  ArrowUp: () => jump(-1),
  ArrowDown: () => jump(1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "z") return event.preventDefault(), undo();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target === at("new")) return;
  if (event.target.matches("button") && [" ", "Enter"].includes(event.key)) return; // these press it
  const digit = event.code.match(/^(?:Digit|Numpad)([1-9])$/)?.[1];
  const backwards = getComputedStyle(box).direction === "rtl" ? { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" } : {};
  const act = digit ? () => labels[Number(digit) - 1 + (event.shiftKey ? 9 : 0)] && label(labels[Number(digit) - 1 + (event.shiftKey ? 9 : 0)].label) : KEYS[backwards[event.key] ?? event.key];
  if (!act || (!task && act !== undo)) return;
  event.preventDefault();
  if (!busy) act(event.shiftKey);
});
for (const button of document.querySelectorAll("[data-answer]")) button.addEventListener("click", () => decide(button.dataset.answer));
at("undo").addEventListener("click", undo);
at("add").addEventListener("submit", (event) => {
  event.preventDefault();
  ask("label", { label: at("new").value });
  at("new").value = "";
  box.focus();
});
ask("state");
