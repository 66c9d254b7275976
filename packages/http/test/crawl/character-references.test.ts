import { expect, test } from 'vitest'
import { unescapeHtml } from '../../src/crawl/character-references.ts'

test.each([
  ['Caf&eacute; &mdash; &Alpha;&ensp;&hellip;', 'Café — Α\u2002…'],
  ['a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos; &AMP;', 'a & b <c> "d" \'e\' &'],
  ['&#65;&#x42;&#X43;&#68x', 'ABCDx'],
  ['old pages&#146;s &#150; quotes&#x85;', 'old pages’s – quotes…'],
  ['&#0;&#xd800;&#1114112;&#99999999999;', '\uFFFD\uFFFD\uFFFD\uFFFD'],
  ['&#xd7ff;&#xdfff;&#xe000;&#x10ffff;', '\uD7FF\uFFFD\uE000\u{10FFFF}'],
  ['a &cup; b &oplus; c &le; d &rceil; e &diams;', 'a ∪ b ⊕ c ≤ d ⌉ e ♦'],
  ['&copy 2026, &notit; and &ampamp;', '© 2026, ¬it; and &amp;'],
  ['&unknown; & &; &# &#x &mdash', '&unknown; & &; &# &#x &mdash'],
  ['&amp;lt;', '&lt;'],
])('decodes the text %s to %s', (text, expected) => {
  expect(unescapeHtml(text, 'text')).toBe(expected)
})

test.each([
  ['?a=1&amp;b=2&#38;c=3&eacute;', '?a=1&b=2&c=3é'],
  ['?a=1&lt=2&copy=3&amp=4&notit=5&times2', '?a=1&lt=2&copy=3&amp=4&notit=5&times2'],
  ['?a&lt', '?a<'],
  ['https&colon;&sol;&sol;example&period;org', 'https://example.org'],
  ['java&Tab;&NewLine;&lbrack;&rbrack;&vert;&Hat;', 'java\t\n[]|^'],
])('decodes the attribute %s to %s', (text, expected) => {
  expect(unescapeHtml(text, 'attribute')).toBe(expected)
})
