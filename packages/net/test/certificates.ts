import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate and its key, both in PEM format. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** The contents of a certificate. */
export interface CertificateOptions {
  readonly name: string
  /** Whether it may sign other certificates. */
  readonly authority?: boolean
  /** The names and IPv4 addresses it is valid for. */
  readonly hosts?: readonly string[]
  /** Whether it has expired. */
  readonly expired?: boolean
  /** Whether its key is an RSA one, which takes a moment to make. */
  readonly rsa?: boolean
}

interface Issuer {
  readonly name: string
  readonly key: KeyObject
}

/** A certificate authority for a single test. Its keys are generated, so none is stored in the repository. */
export class Authority {
  readonly cert: string
  private readonly issuer: Issuer

  constructor(name = 'Greenlit Test Authority') {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.issuer = { name, key: privateKey }
    this.cert = makeCertificate({ name, authority: true }, publicKey, this.issuer)
  }

  issue(options: CertificateOptions): Certificate {
    const { privateKey, publicKey } = options.rsa
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return {
      cert: makeCertificate(options, publicKey, this.issuer),
      key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    }
  }
}

let serial = 1

function makeCertificate(options: CertificateOptions, publicKey: KeyObject, issuer: Issuer): string {
  serial += 1
  const now = new Date().getUTCFullYear()
  const validity = options.expired ? [time(now - 3), time(now - 1)] : [time(now - 1), time(now + 10)]
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(serial),
    ALGORITHM,
    nameOf(issuer.name),
    sequence(...validity),
    nameOf(options.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(options))),
  )
  const signature = sign('sha256', body, issuer.key)
  const whole = sequence(body, ALGORITHM, tagged(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = whole.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extensions({ authority = false, hosts = [] }: CertificateOptions): Buffer[] {
  const made: Buffer[] = []
  const isCritical = tagged(0x01, Buffer.of(0xff))
  if (authority) made.push(sequence(oid('2.5.29.19'), isCritical, tagged(0x04, sequence(isCritical))))
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host)),
  )
  if (names.length > 0) made.push(sequence(oid('2.5.29.17'), tagged(0x04, sequence(...names))))
  return made
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.of(value >> 8, value & 255).subarray(value < 128 ? 1 : 0))
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const septets = [arc & 127]
    for (let left = arc >> 7; left > 0; left >>= 7) septets.unshift((left & 127) | 128)
    bytes.push(...septets)
  }
  return tagged(0x06, Buffer.from(bytes))
}

function nameOf(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))))
}

function time(year: number): Buffer {
  return tagged(0x18, Buffer.from(`${year}0101000000Z`))
}

/** ECDSA with SHA-256. */
const ALGORITHM = sequence(oid('1.2.840.10045.4.3.2'))
