/** Formats the result of one case: our number, then those of the others with the ratio of ours to them. */
export function linesOf({ title, unit, most, medians, failures }) {
  const [ours, ...others] = Object.keys(medians)
  const lines = [`${title.padEnd(62)} ${format(medians[ours])} ${unit}`]
  for (const [index, other] of others.entries()) {
    const ratio = medians[ours] / medians[other]
    const verdict = most === undefined || index > 0 ? '' : `  at most ${most}: ${ratio <= most ? 'yes' : 'NO'}`
    lines.push(`    ${other.padEnd(58)} ${format(medians[other])} ${unit}  ratio ${formatRatio(ratio)}${verdict}`)
  }
  for (const [variant, reason] of Object.entries(failures)) lines.push(`    ${variant.padEnd(58)} failed: ${reason}`)
  return lines
}

function format(number) {
  return (number >= 100 ? number.toFixed(0) : number.toFixed(1)).padStart(9)
}

function formatRatio(ratio) {
  return ratio < 0.01 ? ratio.toFixed(4) : ratio.toFixed(2)
}
