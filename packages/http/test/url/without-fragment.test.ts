import { expect, test } from 'vitest'
import { withoutFragment } from '../../src/url/without-fragment.ts'

test('leaves all but the fragment, an empty one too', () => {
  expect(withoutFragment('http://example.org/a?b#c#d')).toBe('http://example.org/a?b')
  expect(withoutFragment('http://example.org/a#')).toBe('http://example.org/a')
  expect(withoutFragment('http://example.org/a%23?b')).toBe('http://example.org/a%23?b')
})
