import { describe, expect, it } from '@jest/globals';
import { html, render } from './html.ts';

describe('html', () => {
  it('escapes every value, in text and in attributes', () => {
    const nasty = `<script>"it's" & more</script>`;
    expect(render(html`<p title="${nasty}">${nasty}</p>`)).toBe(
      '<p title="&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;">&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;</p>',
    );
  });

  it('lets its own markup through once, in lists too', () => {
    const item = (text: string) => html`<li>${text}</li>`;
    expect(render(html`<ul>${['a', '<b>'].map(item)}</ul>`)).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
  });

  it('is not fooled by an object that looks like markup', () => {
    const forged = JSON.parse('{"markup":"<script>","Symbol(markup)":"<script>"}') as string;
    expect(() => render(html`${forged}`)).toThrow(TypeError);
  });

  it('leaves out null, undefined and false, keeps zero', () => {
    expect(render(html`[${null}${undefined}${false}${0}]`)).toBe('[0]');
  });
});
