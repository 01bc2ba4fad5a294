// Exports with their progress: the file is saved when its last byte is there, and not at all where it was cut off.
const place = document.getElementById("export-progress");

function bytes(count) {
  if (count < 1000) return `${count} bytes`;
  return count < 1e6 ? `${(count / 1e3).toFixed(0)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

function fileName(answer) {
  return /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "export";
}

async function reason(answer) {
  try {
    return (await answer.json()).detail;
  } catch {
    return `the server answered ${answer.status}`;
  }
}

async function run(address) {
  const stop = new AbortController();
  const line = document.createElement("p");
  line.className = "row";
  const said = document.createElement("span");
  const cancel = document.createElement("button");
  cancel.textContent = "Stop";
  cancel.addEventListener("click", () => stop.abort());
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Export under way");
  said.textContent = "Exporting…";
  line.append(bar, said, cancel);
  place.append(line);
  try {
    const answer = await fetch(address, { signal: stop.signal });
    if (!answer.ok) throw new Error(await reason(answer));
    const parts = [];
    let received = 0;
    let told = 0;
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      received += value.length;
      if (performance.now() - told > 100) {
        told = performance.now();
        said.textContent = `Exporting… ${bytes(received)}`;
      }
    }
    const name = fileName(answer);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("content-type") ?? "" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    said.textContent = `${name}: ${bytes(received)}`;
  } catch (error) {
    said.textContent = stop.signal.aborted
      ? "The export was stopped; nothing was saved."
      : `The export is not whole, and nothing was saved: ${error.message}.`;
    line.classList.add("problem");
  }
  bar.remove();
  cancel.textContent = "×";
  cancel.className = "quiet-button";
  cancel.setAttribute("aria-label", "Close this message");
  cancel.addEventListener("click", () => line.remove());
}

if (place) {
  for (const link of document.querySelectorAll("a[data-export]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      link.closest("details").open = false;
      run(link.href);
    });
  }
}
