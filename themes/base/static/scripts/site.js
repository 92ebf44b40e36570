// Small enhancements. Every page works without this file.
"use strict";
(() => {
  document.documentElement.classList.add("js");

  // The slider asks the server for the exact split; nothing is computed here.
  function sliders(root) {
    for (const box of root.querySelectorAll("[data-slider]")) {
      const range = box.querySelector("input[type=range]");
      const holder = range && range.closest(".mix-slider");
      const custom = box.querySelector(".mix-custom");
      if (!range || !holder.hidden) continue;
      holder.hidden = false;
      let waiting = 0;
      let latest = null;
      const match = (value) => [...box.querySelectorAll(".mix-stops input")].find((r) => r.value === value);
      const ask = async () => {
        const url = new URL(range.dataset.url, location.href);
        url.searchParams.set("points", range.value);
        url.searchParams.set("variant", range.dataset.variant);
        latest?.abort();
        latest = new AbortController();
        try {
          const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: latest.signal });
          if (!answer.ok) return;
          custom.innerHTML = await answer.text();
          const radio = custom.querySelector("input");
          if (radio && !radio.disabled) radio.checked = true;
        } catch (error) {
          if (error.name !== "AbortError") custom.textContent = "";
        }
      };
      range.addEventListener("input", () => {
        const worked = match(range.value);
        clearTimeout(waiting);
        if (worked) {
          latest?.abort();
          custom.replaceChildren();
          if (!worked.disabled) worked.checked = true;
        } else {
          waiting = setTimeout(ask, 120);
        }
      });
      box.addEventListener("change", (event) => {
        if (event.target.type === "radio" && event.target.closest(".mix-stops")) {
          range.value = event.target.value;
          custom.replaceChildren();
        }
      });
    }
  }

  // The price lock: quiet until the last minute, then it renews itself.
  let ticking = 0;
  function countdowns(root) {
    const line = root.querySelector("[data-countdown]");
    if (!line) return;
    clearTimeout(ticking);
    const until = Date.now() + Number(line.dataset.countdown) * 1000;
    const tick = () => {
      if (!line.isConnected) return;
      if (Date.now() >= until - 2000) {
        const csrf = document.querySelector(".checkout input[name=csrf_token]").value;
        const form = document.createElement("form");
        form.method = "post";
        form.action = line.dataset.renew;
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = "csrf_token";
        field.value = csrf;
        form.append(field);
        document.body.append(form);
        form.submit();
        return;
      }
      ticking = setTimeout(tick, 1000);
    };
    tick();
  }

  function reveals(root) {
    for (const target of root.querySelectorAll("[data-revealed-by]")) {
      const radio = document.querySelector(`[data-reveals="${target.dataset.revealedBy}"]`);
      if (!radio) continue;
      const show = () => {
        target.classList.toggle("revealed", radio.checked);
        for (const field of target.querySelectorAll("input,select")) field.disabled = !radio.checked;
      };
      radio.closest("form").addEventListener("change", show);
      show();
    }
  }

  function start(root) {
    sliders(root);
    countdowns(root);
    reveals(root);
    root.querySelector("[data-focus]")?.focus();
  }

  // One tap, one order: a form that was sent is not sent again by an impatient second tap.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    else if (form.method === "post") {
      form.dataset.sent = "yes";
      setTimeout(() => delete form.dataset.sent, 8000);
    }
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((f) => delete f.dataset.sent));

  // An open menu closes when one looks elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.sort[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("htmx:after:swap", () => start(document));
  start(document);
  // A preview is gone in an hour; nothing of it is kept for offline.
  const passing = "preview" in document.documentElement.dataset;
  if ("serviceWorker" in navigator && isSecureContext && !passing) navigator.serviceWorker.register("/sw.js");
})();
