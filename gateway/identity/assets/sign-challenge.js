// Signs a login challenge in the browser with a software card (WebCrypto), and puts the signature into the form. The key never leaves the
// page: the file field has no name, so it is not sent. Without this script the signature is pasted from `npm run card -- sign`.
// The page gives an element with data-sign-challenge (the challenge) around the signature's textarea, and in the demonstration data-cards (the
// URL of its cards). The same form is made by gateway/identity/softwareCard.ts.

const TEXTS = {
  'zh-TW': {
    choose: '選擇憑證檔',
    demonstration: '示範用憑證',
    none: '（請選擇）',
    signed: (holder) => `已用憑證 ${holder} 簽章，請按下方按鈕繼續。`,
    bad: '無法使用此檔案，請選擇示範用的憑證檔。',
    elsewhere: '待簽章文字不屬於此網站，為保護您而不予簽章。',
    insecure: '此瀏覽器連線不支援簽章；請使用 https 或 localhost，或貼上在終端機製作的簽章。',
  },
  en: {
    choose: 'Choose your card file',
    demonstration: "The demonstration's cards",
    none: '(choose)',
    signed: (holder) => `Signed with the card ${holder}. Press the button below to go on.`,
    bad: 'This file cannot be used. Choose a card file of the demonstration.',
    elsewhere: 'The text to be signed is not of this site. To protect you, it was not signed.',
    insecure: 'This connection does not allow signing. Use https or localhost, or paste a signature made in a terminal.',
  },
};

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const part = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));

/** Compact JWS over the challenge: ES256, x5c the certificate, payload {challenge, opening}. */
export async function signChallenge(card, challenge) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { kty, crv, x, y, d } = card.key;
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, algorithm, false, ['sign']);
  const signed = `${part({ alg: 'ES256', typ: 'mydata-login+jws', x5c: [card.certificate] })}.${part({ challenge, opening: card.opening })}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, new TextEncoder().encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

function labelled(text, control, id) {
  const label = document.createElement('label');
  label.textContent = text;
  label.htmlFor = id;
  control.id = id;
  return [label, control];
}

/** Adds the file field (and in the demonstration the list of cards) before the textarea, and signs when one is chosen. */
function enhance(holder) {
  const texts = TEXTS[document.documentElement.lang.startsWith('en') ? 'en' : 'zh-TW'];
  const challenge = holder.dataset.signChallenge;
  const target = holder.querySelector('textarea, input[name="signature"]');
  if (!challenge || !target) return;
  const status = document.createElement('p');
  status.setAttribute('role', 'status');
  status.className = 'hint';
  if (!globalThis.crypto?.subtle) {
    status.textContent = texts.insecure;
    holder.prepend(status);
    return;
  }

  const sign = async (readCard) => {
    target.value = '';
    // The challenge ends in the host it is for: a page elsewhere that shows it on gets no signature.
    if (challenge.split('@').pop() !== location.host) {
      status.textContent = texts.elsewhere;
      return;
    }
    try {
      const card = await readCard();
      target.value = await signChallenge(card, challenge);
      status.textContent = texts.signed(card.holder);
    } catch {
      status.textContent = texts.bad;
    }
  };

  const file = document.createElement('input');
  file.type = 'file';
  file.accept = '.json,application/json';
  file.addEventListener('change', () => {
    const [chosen] = file.files;
    if (chosen) void sign(async () => JSON.parse(await chosen.text()));
  });
  const controls = labelled(texts.choose, file, 'f-card-file');
  holder.prepend(...controls, status);
  if (holder.dataset.cards) void offerCards(holder, texts, sign);
}

/** The demonstration's list of cards, in place of a drawer full of chip cards. */
async function offerCards(holder, texts, sign) {
  const answer = await fetch(holder.dataset.cards, { headers: { accept: 'application/json' }, credentials: 'same-origin' });
  if (!answer.ok) return;
  const cards = await answer.json();
  const select = document.createElement('select');
  select.append(new Option(texts.none, ''), ...cards.map((card) => new Option(card.holder, card.holder)));
  select.addEventListener('change', () => {
    const card = cards.find((each) => each.holder === select.value);
    if (card) void sign(async () => card);
  });
  holder.prepend(...labelled(texts.demonstration, select, 'f-card-list'));
}

if (typeof document !== 'undefined') {
  for (const holder of document.querySelectorAll('[data-sign-challenge]')) enhance(holder);
}
