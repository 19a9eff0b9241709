// Photos leave one by one as soon as they are chosen, made smaller first, and again when the network comes back.
// Without this file the same form sends them all at once.
(() => {
  const form = document.getElementById("details");
  const list = document.getElementById("photo-list");
  const shown = form.querySelector(".photo-sending");
  const [words, bar] = [shown.querySelector("p"), shown.querySelector("progress")];
  const LONGEST_SIDE = 2048;
  const LONGEST_PAUSE = 30000;
  const waiting = [];
  let busy = false;
  let count = 0;
  let leaving = null;

  form.classList.add("sends-by-itself");

  list.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    if (!busy) count = 0;
    waiting.push(...event.target.files);
    count += event.target.files.length;
    event.target.value = ""; // they are in our hands now: the form must not send them again
    if (!busy) sendAll();
  });

  // Whoever goes on while photos are on their way goes on once they have arrived.
  form.addEventListener("submit", (event) => {
    if (!busy) return;
    event.preventDefault();
    leaving = event.submitter;
  });
  addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });

  async function sendAll() {
    busy = true;
    shown.hidden = false;
    let refusals = [];
    for (let number = 1; waiting.length; number++) {
      say(form.dataset.sending.replace("{n}", number).replace("{all}", count));
      refusals = refusals.concat(await sendSurely(await smaller(waiting.shift())));
    }
    shown.hidden = true;
    busy = false;
    if (refusals.length) list.prepend(...refusals);
    if (leaving && !refusals.length) form.requestSubmit(leaving);
    leaving = null;
  }

  // The same photo that arrives twice is kept once, so what got no answer is simply sent again.
  async function sendSurely(file) {
    for (let pause = 1000; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return take(await send(file));
      } catch {
        say(form.dataset.waiting);
        await networkOr(pause);
      }
    }
  }

  function send(file) {
    return new Promise((done, failed) => {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.append("photos", file, "photo");
      const request = new XMLHttpRequest();
      request.open("POST", form.dataset.photos);
      request.timeout = 120000;
      request.upload.onprogress = (event) => (bar.value = (100 * event.loaded) / event.total);
      request.onload = () => (request.status >= 500 ? failed() : done(request));
      request.onerror = request.ontimeout = failed;
      bar.value = 0;
      request.send(body);
    });
  }

  // Shows the photos as the server has them. Returns what it refused, as elements.
  function take(answer) {
    if (answer.status !== 200 || !answer.responseURL.endsWith(form.dataset.photos)) {
      const failed = Object.assign(document.createElement("p"), { textContent: form.dataset.failed });
      failed.className = "errorlist";
      failed.role = "alert";
      return [failed];
    }
    list.innerHTML = answer.responseText;
    return [...list.querySelectorAll(".errorlist")];
  }

  function networkOr(pause) {
    return new Promise((done) => {
      const timer = setTimeout(done, pause);
      addEventListener("online", () => (clearTimeout(timer), done()), { once: true });
    });
  }

  // Drawn at the size that is kept: a tenth to send, and the place it was taken at never leaves the phone.
  async function smaller(file) {
    try {
      const image = await createImageBitmap(file);
      const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
      const context = canvas.getContext("2d");
      context.fillStyle = "white"; // under what is transparent
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
      return blob && blob.size < file.size ? blob : file;
    } catch {
      return file; // the server says what is wrong with it
    }
  }

  function say(text) {
    words.textContent = text;
  }
})();
