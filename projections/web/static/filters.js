// Filters as rows: only operators that fit the column, and what a value can be.
const form = document.getElementById("filter-form");
const VALUELESS = ["is_empty", "is_not_empty"];

function fit(row) {
  const [column, operator, value] = ["f.column", "f.operator", "f.value"].map((name) => row.querySelector(`[name="${name}"]`));
  const chosen = column.selectedOptions[0];
  const fitting = chosen?.dataset.operators?.split(" ");
  for (const option of operator.options) {
    option.hidden = option.disabled = Boolean(fitting) && !fitting.includes(option.value) && !option.selected;
  }
  const kind = chosen?.dataset.kind;
  if (kind === "date") value.setAttribute("list", "choices-of-dates");
  else if (document.getElementById(`choices-${column.value}`)) value.setAttribute("list", `choices-${column.value}`);
  else value.removeAttribute("list");
  value.readOnly = VALUELESS.includes(operator.value);
  if (value.readOnly) value.value = "";
}

function changed(event) {
  const row = event.target.closest(".filter-row");
  if (!row) return;
  if (event.target.name === "f.column") {
    const operator = row.querySelector('[name="f.operator"]');
    const fitting = event.target.selectedOptions[0]?.dataset.operators?.split(" ");
    const kind = event.target.selectedOptions[0]?.dataset.kind;
    // What one mostly asks of such a column.
    if (kind === "status" || (fitting && !fitting.includes(operator.value))) operator.value = "is";
  }
  fit(row);
}

function add() {
  const rows = form.querySelector(".filter-rows");
  const last = rows.lastElementChild;
  const row = last.cloneNode(true);
  row.querySelector(".beside")?.remove();
  for (const field of row.querySelectorAll("select, input")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    if (field.matches("input")) field.value = "";
    else field.selectedIndex = 0;
  }
  rows.append(row);
  fit(row);
  row.querySelector("select").focus();
}

if (form) {
  form.querySelectorAll(".filter-row").forEach(fit);
  form.addEventListener("change", changed);
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-filter]")) {
      event.preventDefault();
      add();
    }
    const removed = event.target.closest("[data-remove-filter]");
    if (!removed) return;
    const row = removed.closest(".filter-row");
    if (form.querySelectorAll(".filter-row").length === 1) add();
    row.remove();
  });
  const sheet = form.closest("details");
  sheet.addEventListener("toggle", () => {
    if (sheet.open) form.querySelector(".filter-row:last-child select").focus();
  });
}
