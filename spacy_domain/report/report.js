const filter = document.getElementById("filter");
const texts = [...document.querySelectorAll("#texts article")];
function show() {
  let shown = 0;
  for (const text of texts) {
    const fits = ["label", "kind"].every((name) => {
      const wanted = filter.elements[name].value;
      return !wanted || text.dataset[name + "s"].split("\n").includes(wanted);
    });
    text.hidden = !fits;
    shown += fits;
  }
  filter.querySelector("output").textContent = `${shown} of ${texts.length} texts`;
}
filter.hidden = false;
filter.addEventListener("change", show);
show();
