/** Each status: number, reason phrase, and the names that requests has for it. */
const TABLE = [
  [100, 'Continue', 'continue'],
  [101, 'Switching Protocols', 'switchingProtocols'],
  [102, 'Processing', 'processing'],
  [103, 'Early Hints', 'earlyHints', 'checkpoint'],
  [122, 'Request-URI Too Long', 'requestUriTooLong'],
  [200, 'OK', 'ok', 'okay', 'allOk', 'allOkay', 'allGood', '\\o/', '✓'],
  [201, 'Created', 'created'],
  [202, 'Accepted', 'accepted'],
  [203, 'Non-Authoritative Information', 'nonAuthoritativeInfo', 'nonAuthoritativeInformation'],
  [204, 'No Content', 'noContent'],
  [205, 'Reset Content', 'resetContent', 'reset'],
  [206, 'Partial Content', 'partialContent', 'partial'],
  [207, 'Multi-Status', 'multiStatus', 'multipleStatus', 'multiStati', 'multipleStati'],
  [208, 'Already Reported', 'alreadyReported'],
  [226, 'IM Used', 'imUsed'],
  [300, 'Multiple Choices', 'multipleChoices'],
  [301, 'Moved Permanently', 'movedPermanently', 'moved', '\\o-'],
  [302, 'Found', 'found'],
  [303, 'See Other', 'seeOther', 'other'],
  [304, 'Not Modified', 'notModified'],
  [305, 'Use Proxy', 'useProxy'],
  [306, 'Switch Proxy', 'switchProxy'],
  [307, 'Temporary Redirect', 'temporaryRedirect', 'temporaryMoved', 'temporary'],
  [308, 'Permanent Redirect', 'permanentRedirect', 'resumeIncomplete', 'resume'],
  [400, 'Bad Request', 'badRequest', 'bad'],
  [401, 'Unauthorized', 'unauthorized'],
  [402, 'Payment Required', 'paymentRequired', 'payment'],
  [403, 'Forbidden', 'forbidden'],
  [404, 'Not Found', 'notFound', '-o-'],
  [405, 'Method Not Allowed', 'methodNotAllowed', 'notAllowed'],
  [406, 'Not Acceptable', 'notAcceptable'],
  [407, 'Proxy Authentication Required', 'proxyAuthenticationRequired', 'proxyAuth', 'proxyAuthentication'],
  [408, 'Request Timeout', 'requestTimeout', 'timeout'],
  [409, 'Conflict', 'conflict'],
  [410, 'Gone', 'gone'],
  [411, 'Length Required', 'lengthRequired'],
  [412, 'Precondition Failed', 'preconditionFailed', 'precondition'],
  [413, 'Content Too Large', 'requestEntityTooLarge', 'contentTooLarge'],
  [414, 'URI Too Long', 'requestUriTooLarge', 'uriTooLong'],
  [415, 'Unsupported Media Type', 'unsupportedMediaType', 'unsupportedMedia', 'mediaType'],
  [416, 'Range Not Satisfiable', 'requestedRangeNotSatisfiable', 'requestedRange', 'rangeNotSatisfiable'],
  [417, 'Expectation Failed', 'expectationFailed'],
  [418, "I'm a Teapot", 'imATeapot', 'teapot', 'iAmATeapot'],
  [421, 'Misdirected Request', 'misdirectedRequest'],
  [422, 'Unprocessable Content', 'unprocessableEntity', 'unprocessable', 'unprocessableContent'],
  [423, 'Locked', 'locked'],
  [424, 'Failed Dependency', 'failedDependency', 'dependency'],
  [425, 'Too Early', 'unorderedCollection', 'unordered', 'tooEarly'],
  [426, 'Upgrade Required', 'upgradeRequired', 'upgrade'],
  [428, 'Precondition Required', 'preconditionRequired', 'precondition'],
  [429, 'Too Many Requests', 'tooManyRequests', 'tooMany'],
  [431, 'Request Header Fields Too Large', 'headerFieldsTooLarge', 'fieldsTooLarge'],
  [444, 'No Response', 'noResponse', 'none'],
  [449, 'Retry With', 'retryWith', 'retry'],
  [450, 'Blocked by Windows Parental Controls', 'blockedByWindowsParentalControls', 'parentalControls'],
  [451, 'Unavailable For Legal Reasons', 'unavailableForLegalReasons', 'legalReasons'],
  [499, 'Client Closed Request', 'clientClosedRequest'],
  [500, 'Internal Server Error', 'internalServerError', 'serverError', '/o\\', '✗'],
  [501, 'Not Implemented', 'notImplemented'],
  [502, 'Bad Gateway', 'badGateway'],
  [503, 'Service Unavailable', 'serviceUnavailable', 'unavailable'],
  [504, 'Gateway Timeout', 'gatewayTimeout'],
  [505, 'HTTP Version Not Supported', 'httpVersionNotSupported', 'httpVersion'],
  [506, 'Variant Also Negotiates', 'variantAlsoNegotiates'],
  [507, 'Insufficient Storage', 'insufficientStorage'],
  [508, 'Loop Detected', 'loopDetected'],
  [509, 'Bandwidth Limit Exceeded', 'bandwidthLimitExceeded', 'bandwidth'],
  [510, 'Not Extended', 'notExtended'],
  [511, 'Network Authentication Required', 'networkAuthenticationRequired', 'networkAuth', 'networkAuthentication'],
] as const

type Row = (typeof TABLE)[number]
type NameOf<R extends readonly unknown[]> = R extends readonly [number, string, ...infer Names] ? Names[number] : never
type NumberOf<Name, R extends readonly unknown[] = Row> = R extends readonly [infer Code, ...infer Names]
  ? Name extends Names[number]
    ? Code
    : never
  : never

/** Status numbers by name. */
export type Codes = { readonly [Name in NameOf<Row> & string]: NumberOf<Name> } & {
  readonly [name: string]: number | undefined
}

const NUMBERS = new Map<string, number>(TABLE.flatMap(([code, , ...names]) => names.map((name) => [fold(name), code])))
const REASONS = new Map<number, string>(TABLE.map(([code, reason]) => [code, reason]))

/**
 * Status numbers by requests' names, in any case, in camelCase or with underscores (requests: codes). A name that is none is
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
  ownKeys: () => [...new Set(TABLE.flatMap(([, , ...names]) => names))],
  getOwnPropertyDescriptor: (_target, name) =>
    typeof name === 'string' && NUMBERS.has(fold(name))
      ? { value: NUMBERS.get(fold(name)), enumerable: true, configurable: true }
      : undefined,
  set: () => false,
  defineProperty: () => false,
})

/** The usual reason phrase of a status, as `Not Found`; empty for one that has none. */
export function reasonPhrase(statusCode: number): string {
  return REASONS.get(statusCode) ?? ''
}

/** Signs such as `\o/` consist of little else, so only letters and underscores are folded. */
function fold(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}
