// While somebody types: form[data-findings-url] is sent as it stands, and what comes back is shown in #findings;
// form[data-typed-url] is kept on the server, and what comes back is said in #kept.

const PAUSE_MS = 600;
const KEEP_MS = 3000;
const RETRY_MS = 10000;

async function post(url, body, more) {
  const headers = { "X-Requested-With": "fetch" };
  try {
    return await fetch(url, { method: "POST", body, credentials: "same-origin", headers, ...more });
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    return null;
  }
}

// Files go with the buttons only.
function typedIn(form) {
  const fields = new FormData(form);
  form.querySelectorAll('input[type="file"]').forEach((input) => fields.delete(input.name));
  return fields;
}

function showFindings(form) {
  const place = document.getElementById("findings");
  let timer;
  let running;

  async function look() {
    running?.abort();
    running = new AbortController();
    const answer = await post(form.dataset.findingsUrl, typedIn(form), { signal: running.signal });
    if (answer?.ok) place.innerHTML = await answer.text();
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
}

function keepTyped(form) {
  const place = document.getElementById("kept");
  let count = 0;
  let typed = 0;
  let kept = 0;
  let hasFailed = false;
  let isSent = false;
  let timer;

  // The form's one-use key names the page; sent as such it would be used up.
  function body() {
    const fields = typedIn(form);
    fields.set("page", fields.get("once"));
    fields.delete("once");
    fields.set("count", count += 1);
    return fields;
  }

  function say(html) {
    if (place.innerHTML !== html) place.innerHTML = html;
  }

  // Whoever signed in again in another tab has another form token.
  async function takeToken() {
    const answer = await fetch(window.location.pathname, { credentials: "same-origin" }).catch(() => null);
    const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
    const token = page.querySelector("form[data-typed-url] [name='csrf_token']")?.value;
    if (token) form.elements.csrf_token.value = token;
    return Boolean(token);
  }

  function later(pause) {
    timer ??= setTimeout(keep, pause);
  }

  function stop() {
    clearTimeout(timer);
    timer = undefined;
  }

  async function keep(mayTakeToken = true) {
    stop();
    const upTo = typed;
    const answer = await post(form.dataset.typedUrl, body());
    if (isSent) return undefined;
    if (answer?.ok) {
      kept = Math.max(kept, upTo);
      hasFailed = false;
      return say(await answer.text());
    }
    if (answer?.status === 409) {
      hasFailed = true;
      return say(document.getElementById("never-kept").innerHTML.trim());
    }
    const isSignedOut = answer?.status === 400 || answer?.status === 401;
    if (isSignedOut && mayTakeToken && await takeToken()) return keep(false);
    hasFailed = true;
    say(document.getElementById(isSignedOut ? "signed-out" : "not-kept").innerHTML.trim());
    return later(RETRY_MS);
  }

  form.addEventListener("input", () => {
    typed += 1;
    isSent = false;
    later(KEEP_MS);
  });
  form.addEventListener("submit", () => {
    isSent = true;
    stop();
  });
  window.addEventListener("focus", () => { if (hasFailed) keep(); });
  window.addEventListener("beforeunload", (event) => { if (hasFailed && !isSent) event.preventDefault(); });
  window.addEventListener("pagehide", () => {
    if (kept < typed && !isSent) post(form.dataset.typedUrl, body(), { keepalive: true });
  });
  // A page that was refused is kept as it was sent.
  if (document.querySelector("#error-summary, .notice[role='alert']")) keep();
}

export function start(form) {
  showFindings(form);
  if (form.dataset.typedUrl) keepTyped(form);
}
