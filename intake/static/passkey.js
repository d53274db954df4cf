// Passkeys: asks the browser for one, and sends its answer as a form. Without this file the form
// stays hidden, and the codes of an app do.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.codePointAt(0));
const words = (buffer) => btoa(String.fromCodePoint(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

async function made(asked) {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: known(asked.excludeCredentials),
  };
  const key = await navigator.credentials.create({ publicKey });
  return told(key, { attestationObject: words(key.response.attestationObject) });
}

async function used(asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) };
  const key = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature } = key.response;
  return told(key, { authenticatorData: words(authenticatorData), signature: words(signature) });
}

function told(key, response) {
  const clientDataJSON = words(key.response.clientDataJSON);
  return JSON.stringify({ id: key.id, rawId: words(key.rawId), type: key.type, response: { clientDataJSON, ...response } });
}

function offer(form) {
  const asked = JSON.parse(form.dataset.passkey);
  const failed = form.querySelector("[data-failed]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    const isNameless = form.elements.namedItem("name")?.value.trim() === "";
    if (isNameless || form.elements.answer.value) return;
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.answer.value = await (asked.user ? made(asked) : used(asked));
    } catch {
      failed.hidden = false;
      return;
    }
    form.submit();
  });
}

if (globalThis.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(offer);
