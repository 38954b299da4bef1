import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, type HTMLElement } from 'node-html-parser';
import { sampleScreen } from '../../test/abuse/oidcScreen.ts';
import { consentPage, type ConsentPageModel } from './consentPage.ts';
import { developmentCardsPage, developmentMessagesPage, developmentPage } from './developmentPages.ts';
import { homePage } from './homePage.ts';
import { render, type Html } from './html.ts';
import type { Language } from './language.ts';
import type { PageContext } from './layout.ts';
import { answeredPage, errorPage, leavingPage, signedOutPage } from './messagePage.ts';
import { methodChoicePage } from './methodChoicePage.ts';
import { methodStepPage, type StepField } from './methodStepPage.ts';
import { securityHeaders } from './securityHeaders.ts';
import { signOutPage } from './signOutPage.ts';

const NASTY = `<img src=x onerror=alert(1)>"'`;
const nasty = { 'zh-TW': `中文${NASTY}`, en: NASTY };
const form = { base: '/interaction/abc', token: NASTY };
const context = (language: Language): PageContext => ({ language, path: '/interaction/abc', demonstration: true });
const consent: ConsentPageModel = {
  form, client: NASTY, screen: sampleScreen, hash: 'hash', proof: { method: nasty, at: Date.UTC(2026, 0, 15) }, ticks: null, notice: NASTY,
}; // prettier-ignore
const field = (kind: StepField['kind'], more: Partial<StepField> = {}): StepField => ({
  name: kind,
  label: nasty,
  kind,
  required: true,
  hint: nasty,
  ...more,
});
const fields = [
  field('text', { pattern: '[0-9]{6}', autocomplete: 'one-time-code' }),
  field('date', { oneOf: 'a', required: false }),
  field('tel', { oneOf: 'a', required: false }),
  field('hidden'),
  field('signature'),
];
const option = { id: 'otp-sms', label: nasty, presents: nasty, assurance: 'HIGH', enrolledWith: nasty, leavesClosed: [nasty] } as const;
const persona = {
  id: 'persona.x',
  name: nasty,
  story: nasty,
  nationalId: null,
  uiNumber: NASTY,
  nhiCardNumber: NASTY,
  householdNumber: null,
  idCardIssueDate: null,
  mobileNumber: null,
  methods: [nasty],
  card: '/dev/cards/x',
};

const PAGES: Readonly<Record<string, (language: Language) => Html>> = {
  consent: (language) => consentPage(context(language), consent),
  methods: (language) => methodChoicePage(context(language), { form, asker: nasty, options: [option], canReturn: true, notice: NASTY }),
  'no methods': (language) => methodChoicePage(context(language), { form, asker: null, options: [], canReturn: false, notice: null }),
  step: (language) =>
    methodStepPage(context(language), {
      form,
      method: nasty,
      step: { step: 's', fields, challenge: NASTY, cards: '/dev/cards', message: nasty },
      notice: NASTY,
    }),
  error: (language) => errorPage(context(language), { sentence: NASTY, code: NASTY, request: NASTY }),
  agreed: (language) => answeredPage(context(language), 'AGREED'),
  declined: (language) => answeredPage(context(language), 'DECLINED'),
  leaving: (language) => leavingPage(context(language), `https://rp.example/?a=${NASTY}`),
  'sign out': (language) => signOutPage(context(language), { action: NASTY, token: NASTY }),
  'signed out': (language) => signedOutPage(context(language)),
  home: (language) => homePage(context(language), [{ href: NASTY, name: nasty, text: nasty }]),
  dev: (language) => developmentPage(context(language), [persona]),
  sms: (language) => developmentMessagesPage(context(language), [{ number: NASTY, text: NASTY, at: 0 }]),
  'no sms': (language) => developmentMessagesPage(context(language), []),
  cards: (language) => developmentCardsPage(context(language), [{ name: NASTY, href: NASTY }]),
};
const CASES = Object.entries(PAGES).flatMap(([name, make]) =>
  (['zh-TW', 'en'] as const).map((language) => [name, language, make] as const),
);
const dom = (page: Html): HTMLElement => parse(render(page));

describe.each(CASES)('the page %s in %s', (_name, language, make) => {
  const text = render(make(language));
  const root = parse(text);

  it('lets no text become markup', () => {
    expect(text).not.toContain('<img');
    expect(text).not.toContain('<b>');
    expect(
      root
        .querySelectorAll('*')
        .flatMap((element) => Object.keys(element.attributes))
        .filter((name) => name.toLowerCase().startsWith('on')),
    ).toEqual([]);
  });

  it('has no script or style in it, and nothing from elsewhere', () => {
    expect(root.querySelectorAll('style, iframe, object, embed')).toEqual([]);
    expect(
      root.querySelectorAll('script').every((script) => script.getAttribute('src')?.startsWith('/assets/') === true && script.text === ''),
    ).toBe(true);
    expect(root.querySelectorAll('[style]')).toEqual([]);
    const sources = root
      .querySelectorAll('link[href], script[src], img[src]')
      .map((element) => element.getAttribute('href') ?? element.getAttribute('src'));
    expect(sources.every((source) => source?.startsWith('/assets/') === true || source === 'data:,')).toBe(true);
  });

  it('says its language, and has one heading, landmarks, a skip link and the switch', () => {
    expect(root.querySelector('html')?.getAttribute('lang')).toBe(language);
    expect(root.querySelectorAll('h1')).toHaveLength(1);
    expect(root.querySelectorAll('main#main, header, footer')).toHaveLength(3);
    expect(root.querySelector('a.skip')?.getAttribute('href')).toBe('#main');
    expect(root.querySelector('.languages a')?.getAttribute('href')).toBe(`/interaction/abc?lang=${language === 'en' ? 'zh-TW' : 'en'}`);
    expect(root.querySelector('title')?.text.startsWith(root.querySelector('h1')?.text ?? '?')).toBe(true);
  });

  it('labels every field, and names an element once', () => {
    const ids = root.querySelectorAll('[id]').map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
    const labels = root.querySelectorAll('label').map((label) => label.getAttribute('for'));
    for (const input of root.querySelectorAll('input:not([type="hidden"]), textarea, select')) expect(labels).toContain(input.id);
    const referred = root.querySelectorAll('[aria-describedby], [aria-labelledby]');
    for (const element of referred)
      expect(ids).toContain(element.getAttribute('aria-describedby') ?? element.getAttribute('aria-labelledby'));
  });

  it('sends every form of an interaction with its token', () => {
    for (const one of root.querySelectorAll('form[action^="/interaction/"]')) {
      expect(one.getAttribute('method')).toBe('post');
      expect(one.querySelectorAll('input[name="form"]')).toHaveLength(1);
    }
  });

  it('has no text of the other language alone', () => {
    if (language === 'en') expect(root.querySelector('main')?.text).not.toMatch(/[\u4e00-\u9fff]/u);
    else expect(root.querySelector('h1')?.text).toMatch(/[\u4e00-\u9fff]/u);
  });
});

describe('the consent screen', () => {
  const root = dom(consentPage(context('en'), consent));
  const box = (scope: string): HTMLElement | null => root.querySelector(`input[value="${scope}"]`);

  it('ticks and fixes what the service needs, leaves the rest unticked, and closes what cannot be opened, saying why', () => {
    expect(box('a.one:needed')?.attributes).toMatchObject({ checked: '', disabled: '' });
    expect(box('b.two:open')?.hasAttribute('checked')).toBe(false);
    expect(box('b.two:open')?.hasAttribute('disabled')).toBe(false);
    const closed = box('b.two:closed');
    expect(closed?.hasAttribute('checked')).toBe(false);
    expect(closed?.hasAttribute('disabled')).toBe(true);
    const why = root.querySelector(`#${closed?.getAttribute('aria-describedby') ?? ''}`);
    expect(why?.text).toBe('Needs a stronger proof of identity: Citizen digital certificate');
  });

  it('confirms each separate act by a box of its own, where anything in it can be opened', () => {
    expect(box('SPECIAL')).not.toBeNull();
    expect(box('THIRD_PARTY')).toBeNull();
  });

  it('offers agreeing and declining alike', () => {
    const [agree, decline] = root.querySelectorAll('.answers button');
    expect([agree?.text.trim(), decline?.text.trim()]).toEqual(['Agree', 'Decline']);
    expect(agree?.classNames).toBe(decline?.classNames);
    expect(decline?.getAttribute('formaction')).toBe('/interaction/abc/decline');
  });

  it('says who asks, through what, why, how often, and what refusing means', () => {
    const facts = root.querySelector('.facts')?.text ?? '';
    for (const part of ['Who asks', NASTY, 'Waive tuition', '109', 'Again and again', 'Refusing has no adverse effect.'])
      expect(facts.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(part);
  });

  it('keeps what was ticked when it comes back', () => {
    const again = dom(
      consentPage(context('en'), { ...consent, ticks: { fields: ['b.two:open', 'b.two:closed'], acts: ['SPECIAL'], duration: 'P1M' } }),
    );
    const ticked = again.querySelectorAll('input[checked]').map((input) => input.getAttribute('value'));
    expect(ticked).toEqual(['a.one:needed', 'b.two:open', 'SPECIAL', 'P1M']);
  });

  it('cannot be agreed to while all that the service needs is closed, and says how to go on', () => {
    const acts = sampleScreen.acts.map((act) => ({
      ...act,
      datasets: act.datasets.map((one) => ({ ...one, fields: one.fields.map((each) => ({ ...each, openable: false, fixed: false })) })),
    }));
    const blocked = dom(consentPage(context('en'), { ...consent, screen: { ...sampleScreen, acts } }));
    const [agree, decline] = blocked.querySelectorAll('.answers button');
    expect([agree?.hasAttribute('disabled'), decline?.hasAttribute('disabled')]).toEqual([true, false]);
    expect(blocked.querySelector('#step-up')?.text).toBe('Data that the service needs is still closed');
  });
});

describe('the form of a method', () => {
  const root = dom(PAGES['step']?.('en') as Html);

  it('carries pattern, autocomplete and hints', () => {
    const input = root.querySelector('#f-text');
    expect(input?.attributes).toMatchObject({
      pattern: '[0-9]{6}',
      autocomplete: 'one-time-code',
      required: '',
      inputmode: 'numeric',
      'aria-describedby': 'f-text-hint',
    });
  });

  it('groups fields of which one is needed', () => {
    expect(root.querySelectorAll('fieldset input').map((input) => input.getAttribute('name'))).toEqual(['date', 'tel']);
  });

  it('gives the challenge to the script, and a textarea to those without', () => {
    expect(root.querySelector('[data-sign-challenge] textarea')?.getAttribute('name')).toBe('signature');
    expect(root.querySelector('script')?.getAttribute('src')).toBe('/assets/sign-challenge.js');
  });
});

describe('headers and style', () => {
  it('let a form’s answer go to the service only where it is named, once', () => {
    expect(securityHeaders()['content-security-policy']).toContain("form-action 'self';");
    expect(securityHeaders(['https://a.example', 'https://a.example'])['content-security-policy']).toContain(
      "form-action 'self' https://a.example;",
    );
  });

  it('load nothing from elsewhere', () => {
    expect(readFileSync(new URL('./assets/hub.css', import.meta.url), 'utf8')).not.toMatch(/url\(|@import|https?:/);
  });
});
