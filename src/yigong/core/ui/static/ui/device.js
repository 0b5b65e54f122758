/* What a page needs to work without a line, the same for every page that does: a store of its own, encryption, calls with a fresh token.
   Plain script; it offers one object, `device`. */
"use strict";
window.device = (() => {
  /* ---- a store (IndexedDB): {name: options of createObjectStore} */
  const store = (base, stores) => {
    const opened = new Promise((resolve, reject) => {
      const asked = indexedDB.open(base, 1);
      asked.onupgradeneeded = () => { for (const [name, options] of Object.entries(stores)) asked.result.createObjectStore(name, options || undefined); };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    const run = async (name, mode, act) => {
      const held = await opened;
      return new Promise((resolve, reject) => {
        const way = held.transaction(name, mode), asked = act(way.objectStore(name));
        way.oncomplete = () => resolve(asked && asked.result);
        way.onerror = way.onabort = () => reject(way.error);
      });
    };
    return {
      get: (name, key) => run(name, "readonly", (s) => s.get(key)),
      all: (name) => run(name, "readonly", (s) => s.getAll()),
      put: (name, value, key) => run(name, "readwrite", (s) => (key === undefined ? s.put(value) : s.put(value, key))),
      remove: (name, key) => run(name, "readwrite", (s) => s.delete(key)),
    };
  };

  /* ---- secrets: AES-GCM under a key from a PIN (PBKDF2-SHA-256), or under one of the phone's own that cannot be taken out of its browser */
  const bytes = (text) => new TextEncoder().encode(text);
  const keyOf = async (pin, salt, rounds) => {
    const base = await crypto.subtle.importKey("raw", bytes(pin), "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
    return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  };
  const ownKey = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const seal = async (key, value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes(JSON.stringify(value))) };
  };
  const unseal = async (key, sealed) =>
    JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data)));

  /* ---- calls: `sent` goes as JSON with a token fetched just before, since a kept page's own may be old. A fault carries a `sentence`. */
  const asker = (token, words) => {
    const ask = async (url, sent) => {
      let answer;
      try {
        const fresh = sent ? (await ask(token)).token : "";
        const headers = sent ? { "X-CSRFToken": fresh } : {};
        const content = sent && new URLSearchParams({ sent: JSON.stringify(sent) });
        answer = await fetch(url, { method: sent ? "POST" : "GET", headers, body: content, credentials: "same-origin" });
      } catch (fault) {
        throw fault.sentence ? fault : Object.assign(new Error(), { sentence: words.bad_line });
      }
      const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      if (answer.redirected || !isJson) throw Object.assign(new Error(), { sentence: words.login, login: true });
      const told = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(), { sentence: told.sentence || words.bad_line });
      return told;
    };
    return ask;
  };

  return { store, keyOf, ownKey, seal, unseal, asker, now: () => new Date().toISOString() };
})();
