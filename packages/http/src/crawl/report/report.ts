import { size } from '../command/live-progress.ts'
import type { VisitRecord } from '../command/record.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

/** The totals of a crawl for the report. */
export interface ReportTotals {
  readonly pages: number
  readonly failed: number
  readonly bytes: number
  /** Milliseconds. */
  readonly elapsed: number
}

/**
 * Renders an HTML report about a crawl: a timeline of requests by host, a sortable and filterable table, errors and encodings. The page
 * is self-contained and loads nothing; text from servers is shown only as text.
 *
 * @param records the visits to list
 * @param totals the totals of the crawl, of which `records` may be only a part
 * @returns the page as HTML
 */
export function crawlReport(records: readonly VisitRecord[], totals: ReportTotals): string {
  const { pages, failed, bytes, elapsed } = totals
  const seconds = elapsed / 1000
  const tiles = [
    ['URLs', String(pages + failed)],
    ['fetched', String(pages)],
    ['failed', String(failed)],
    ['size', size(bytes)],
    ['time', `${seconds.toFixed(1)} s`],
    ['rate', `${(pages / Math.max(seconds, 0.001)).toFixed(1)}/s`],
  ]
  const left = pages + failed - records.length
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Crawl report</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Crawl report</h1>
<dl class="tiles">${tiles.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
${left > 0 ? `<p class="note">${left} of the fetched URLs are included in the totals but not listed below.</p>` : ''}</header>
<main>
<section aria-labelledby="waterfall-title"><h2 id="waterfall-title">Requests by host</h2><div id="waterfall"></div></section>
<div class="columns">
<section aria-labelledby="errors-title"><h2 id="errors-title">Errors</h2><div id="errors"></div></section>
<section aria-labelledby="encodings-title"><h2 id="encodings-title">Encodings</h2><div id="encodings"></div></section>
<section aria-labelledby="statuses-title"><h2 id="statuses-title">Statuses</h2><div id="statuses"></div></section>
</div>
<section aria-labelledby="table-title"><h2 id="table-title">URLs</h2>
<p><label>Filter <input id="filter" type="search" placeholder="URL, outcome, title or error"></label> <span id="shown" role="status"></span></p>
<div class="scroll"><table id="table"><thead></thead><tbody></tbody></table></div>
<button id="more" type="button" hidden>Show more</button></section>
</main>
<script type="application/json" id="data">${embedded(records)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`
}

/** Serialises records as JSON that cannot end the script element around it. */
function embedded(records: readonly VisitRecord[]): string {
  return JSON.stringify(records)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
}
