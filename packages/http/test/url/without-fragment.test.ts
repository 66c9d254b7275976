import { expect, test } from 'vitest'
import { withoutFragment } from '../../src/url/without-fragment.ts'

test('removes the fragment, even an empty one', () => {
  expect(withoutFragment('http://example.org/a?b#c#d')).toBe('http://example.org/a?b')
  expect(withoutFragment('http://example.org/a#')).toBe('http://example.org/a')
  expect(withoutFragment('http://example.org/a%23?b')).toBe('http://example.org/a%23?b')
})
