import { decodeSingleByte, singleByteTable } from '../encoding/single-byte.ts'

/** The names of U+00A0 to U+00FF in order. Like those of XML, they are recognised even without a semicolon. */
const LATIN_1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute ' +
  'micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig ' +
  'Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash ' +
  'Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ' +
  'ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc ' +
  'uuml yacute thorn yuml'
/** The other names of HTML 4 and those of ASCII characters, each followed by its character. */
const SYMBOLS =
  'OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜ Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε ' +
  'Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ ' +
  'Phi Φ Chi Χ Psi Ψ Omega Ω alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ ' +
  'lambda λ mu μ nu ν xi ξ omicron ο pi π rho ρ sigmaf ς sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω ' +
  'thetasym ϑ upsih ϒ piv ϖ ensp \u2002 emsp \u2003 thinsp \u2009 zwnj \u200C zwj \u200D lrm \u200E rlm \u200F ' +
  'ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ dagger † Dagger ‡ bull • hellip … permil ‰ ' +
  'prime ′ Prime ″ lsaquo ‹ rsaquo › oline ‾ frasl ⁄ euro € image ℑ weierp ℘ real ℜ trade ™ alefsym ℵ larr ← ' +
  'uarr ↑ rarr → darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ hArr ⇔ forall ∀ part ∂ exist ∃ empty ∅ ' +
  'nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ infin ∞ ang ∠ and ∧ or ∨ cap ∩ ' +
  'cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ oplus ⊕ ' +
  'otimes ⊗ perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩ loz ◊ spades ♠ clubs ♣ hearts ♥ ' +
  "diams ♦ apos ' excl ! num # dollar $ percnt % lpar ( rpar ) ast * plus + comma , period . sol / colon : semi ; " +
  'equals = quest ? commat @ lsqb [ lbrack [ bsol \\ rsqb ] rbrack ] Hat ^ lowbar _ grave ` lcub { lbrace { verbar | ' +
  'vert | rcub } rbrace } Tab \t NewLine \n'

let legacy: Map<string, string> | undefined
let symbols: Map<string, string> | undefined

/**
 * Decodes the character references in HTML: numeric ones, and the names of HTML 4. In an attribute a name without a semicolon may be
 * a URL parameter, so `?a=1&lt=2` stays as it is (WHATWG HTML, named character reference state).
 */
export function unescapeHtml(text: string, place: 'text' | 'attribute'): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d+)|#[xX]([\da-fA-F]+)|([a-zA-Z][a-zA-Z\d]*))(;?)/g,
    (all: string, decimal?: string, hex?: string, name?: string, end?: string, at?: number) => {
      if (decimal !== undefined) return characterOf(Number(decimal))
      if (hex !== undefined) return characterOf(Number.parseInt(hex, 16))
      const whole = end === ';' ? (symbolNamed(name!) ?? legacyNamed(name!)) : undefined
      if (whole !== undefined) return whole
      if (place === 'attribute') {
        return (end === '' && text[at! + all.length] !== '=' ? legacyNamed(name!) : undefined) ?? all
      }
      // In text the longest known name at the start of the word is decoded.
      for (let length = Math.min(name!.length, 6); length > 1; length -= 1) {
        const character = legacyNamed(name!.slice(0, length))
        if (character !== undefined) return `${character}${all.slice(length + 1)}`
      }
      return all
    },
  )
}

function legacyNamed(name: string): string | undefined {
  legacy ??= new Map([
    ...Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"' }),
    ...Object.entries({ AMP: '&', LT: '<', GT: '>', QUOT: '"', COPY: '©', REG: '®' }),
    ...LATIN_1.split(' ').map((known, index) => [known, String.fromCharCode(0xa0 + index)] as const),
  ])
  return legacy.get(name)
}

function symbolNamed(name: string): string | undefined {
  symbols ??= new Map((SYMBOLS.match(/\w+ ./gs) ?? []).map((pair) => pair.split(' ') as [string, string]))
  return symbols.get(name)
}

/** Returns the character of a numeric reference. For C1 controls, old pages mean the windows-1252 character. */
function characterOf(code: number): string {
  if (code >= 0x80 && code < 0xa0) return decodeSingleByte(Uint8Array.of(code), singleByteTable('windows-1252')!)
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return '\uFFFD'
  return String.fromCodePoint(code)
}
