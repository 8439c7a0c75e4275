// Asks [data-progress-url] each second for JSON and writes its values where data-field names them.
// {"done": true} reloads the page; {"next": "/url"} goes there.

const PAUSE_MS = 1000;
const PAUSE_AFTER_FAILURE_MS = 5000;

function write(box, values) {
  for (const node of box.querySelectorAll("[data-field]")) {
    const value = values[node.dataset.field];
    if (node instanceof HTMLProgressElement) {
      const bound = values[node.dataset.boundField];
      if (Number.isFinite(bound) && bound > 0) node.max = bound;
      if (Number.isFinite(value)) node.value = value;
    } else if (value !== undefined && value !== null && node.textContent !== String(value)) {
      node.textContent = value;
    }
  }
}

export function start(box) {
  async function look() {
    let pause = PAUSE_MS;
    if (!document.hidden) {
      try {
        const answer = await fetch(box.dataset.progressUrl, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new TypeError(`status ${answer.status}`);
        const values = await answer.json();
        write(box, values);
        if (values.next) return window.location.assign(values.next);
        if (values.done) return window.location.reload();
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
        pause = PAUSE_AFTER_FAILURE_MS;
      }
    }
    return setTimeout(look, pause);
  }
  setTimeout(look, PAUSE_MS);
}
