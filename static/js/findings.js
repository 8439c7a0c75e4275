// Sends the form as it stands to form[data-findings-url] and shows the HTML that comes back in #findings.

const PAUSE_MS = 600;

export function start(form) {
  const place = document.getElementById("findings");
  let timer;
  let running;

  async function look() {
    running?.abort();
    running = new AbortController();
    const body = new FormData(form);
    form.querySelectorAll('input[type="file"]').forEach((input) => body.delete(input.name));
    try {
      const answer = await fetch(form.dataset.findingsUrl, {
        method: "POST",
        body,
        credentials: "same-origin",
        headers: { "X-Requested-With": "fetch" },
        signal: running.signal,
      });
      if (answer.ok) place.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
}
