/** The status codes, with their names in requests. */
const TABLE = [
  [100, 'continue'],
  [101, 'switchingProtocols'],
  [102, 'processing'],
  [103, 'earlyHints', 'checkpoint'],
  [122, 'requestUriTooLong'],
  [200, 'ok', 'okay', 'allOk', 'allOkay', 'allGood', '\\o/', '✓'],
  [201, 'created'],
  [202, 'accepted'],
  [203, 'nonAuthoritativeInfo', 'nonAuthoritativeInformation'],
  [204, 'noContent'],
  [205, 'resetContent', 'reset'],
  [206, 'partialContent', 'partial'],
  [207, 'multiStatus', 'multipleStatus', 'multiStati', 'multipleStati'],
  [208, 'alreadyReported'],
  [226, 'imUsed'],
  [300, 'multipleChoices'],
  [301, 'movedPermanently', 'moved', '\\o-'],
  [302, 'found'],
  [303, 'seeOther', 'other'],
  [304, 'notModified'],
  [305, 'useProxy'],
  [306, 'switchProxy'],
  [307, 'temporaryRedirect', 'temporaryMoved', 'temporary'],
  [308, 'permanentRedirect', 'resumeIncomplete', 'resume'],
  [400, 'badRequest', 'bad'],
  [401, 'unauthorized'],
  [402, 'paymentRequired', 'payment'],
  [403, 'forbidden'],
  [404, 'notFound', '-o-'],
  [405, 'methodNotAllowed', 'notAllowed'],
  [406, 'notAcceptable'],
  [407, 'proxyAuthenticationRequired', 'proxyAuth', 'proxyAuthentication'],
  [408, 'requestTimeout', 'timeout'],
  [409, 'conflict'],
  [410, 'gone'],
  [411, 'lengthRequired'],
  [412, 'preconditionFailed', 'precondition'],
  [413, 'requestEntityTooLarge', 'contentTooLarge'],
  [414, 'requestUriTooLarge', 'uriTooLong'],
  [415, 'unsupportedMediaType', 'unsupportedMedia', 'mediaType'],
  [416, 'requestedRangeNotSatisfiable', 'requestedRange', 'rangeNotSatisfiable'],
  [417, 'expectationFailed'],
  [418, 'imATeapot', 'teapot', 'iAmATeapot'],
  [421, 'misdirectedRequest'],
  [422, 'unprocessableEntity', 'unprocessable', 'unprocessableContent'],
  [423, 'locked'],
  [424, 'failedDependency', 'dependency'],
  [425, 'unorderedCollection', 'unordered', 'tooEarly'],
  [426, 'upgradeRequired', 'upgrade'],
  [428, 'preconditionRequired', 'precondition'],
  [429, 'tooManyRequests', 'tooMany'],
  [431, 'headerFieldsTooLarge', 'fieldsTooLarge'],
  [444, 'noResponse', 'none'],
  [449, 'retryWith', 'retry'],
  [450, 'blockedByWindowsParentalControls', 'parentalControls'],
  [451, 'unavailableForLegalReasons', 'legalReasons'],
  [499, 'clientClosedRequest'],
  [500, 'internalServerError', 'serverError', '/o\\', '✗'],
  [501, 'notImplemented'],
  [502, 'badGateway'],
  [503, 'serviceUnavailable', 'unavailable'],
  [504, 'gatewayTimeout'],
  [505, 'httpVersionNotSupported', 'httpVersion'],
  [506, 'variantAlsoNegotiates'],
  [507, 'insufficientStorage'],
  [508, 'loopDetected'],
  [509, 'bandwidthLimitExceeded', 'bandwidth'],
  [510, 'notExtended'],
  [511, 'networkAuthenticationRequired', 'networkAuth', 'networkAuthentication'],
] as const

type Row = (typeof TABLE)[number]
type NameOf<R extends readonly unknown[]> = R extends readonly [number, ...infer Names] ? Names[number] : never
type NumberOf<Name, R extends readonly unknown[] = Row> = R extends readonly [infer Code, ...infer Names]
  ? Name extends Names[number]
    ? Code
    : never
  : never

/** Status codes by name. */
export type Codes = { readonly [Name in NameOf<Row> & string]: NumberOf<Name> } & {
  readonly [name: string]: number | undefined
}

const NUMBERS = new Map<string, number>(TABLE.flatMap(([code, ...names]) => names.map((name) => [fold(name), code])))

/**
 * Status codes by their names in requests, in any case, in camelCase or with underscores (requests: codes). An unknown name is
 * `undefined`.
 *
 * @example
 * codes.ok // 200
 * codes.NOT_FOUND // 404
 * codes.imATeapot // 418
 */
export const codes: Codes = new Proxy({} as Codes, {
  get: (_target, name) => (typeof name === 'string' ? NUMBERS.get(fold(name)) : undefined),
  has: (_target, name) => typeof name === 'string' && NUMBERS.has(fold(name)),
  ownKeys: () => [...new Set(TABLE.flatMap(([, ...names]) => names))],
  getOwnPropertyDescriptor: (_target, name) =>
    typeof name === 'string' && NUMBERS.has(fold(name))
      ? { value: NUMBERS.get(fold(name)), enumerable: true, configurable: true }
      : undefined,
  set: () => false,
  defineProperty: () => false,
})

/** Normalizes case and underscores only: names such as `\o/` consist of little but punctuation. */
function fold(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}
