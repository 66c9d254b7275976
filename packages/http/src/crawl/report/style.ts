/** The report's style sheet, with a light and a dark colour scheme. */
export const STYLE: string = `
:root { color-scheme: light dark; --text: #1c2024; --soft: #60646c; --back: #fcfcfd; --panel: #fff; --line: #e0e1e6; --good: #2f7d4f; --bad: #c62a2f; --bar: #3e63dd }
@media (prefers-color-scheme: dark) { :root { --text: #edeef0; --soft: #b0b4ba; --back: #111113; --panel: #18191b; --line: #2e3135; --good: #53b578; --bar: #8da4ef; --bad: #ff9592 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back) }
h1 { margin: 0 0 1rem; font-size: 1.5rem }
h2 { margin: 0 0 .75rem; font-size: 1.05rem }
section { margin: 0 0 1.25rem; padding: 1rem 1.25rem; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; min-width: 0 }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1.25rem }
.tiles div { padding: .6rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; min-width: 7rem }
.tiles dt { color: var(--soft); font-size: .8rem }
.tiles dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1.25rem }
.note, .empty { color: var(--soft) }
details { border-top: 1px solid var(--line); padding: .35rem 0 }
summary { cursor: pointer; overflow-wrap: anywhere }
summary span { color: var(--soft) }
.track { position: relative; height: 9px; margin: 2px 0 }
.track i { position: absolute; top: 0; height: 9px; min-width: 2px; background: var(--bar); border-radius: 2px; border-right: 1px solid var(--panel) }
.track i.bad { background: var(--bad) }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums }
.count { display: grid; grid-template-columns: minmax(6rem, auto) 1fr 3.5rem; gap: .6rem; align-items: center; margin: .25rem 0 }
.count b { font-weight: 400; overflow-wrap: anywhere }
.count i { height: 9px; min-width: 2px; background: var(--bar); border-radius: 2px }
.count.bad i { background: var(--bad) }
.count span { text-align: right; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: .875rem }
th, td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top }
td { overflow-wrap: anywhere }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
th button { all: unset; cursor: pointer; font-weight: 600; white-space: nowrap }
th button:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px }
th[aria-sort=ascending] button::after { content: ' \\2191' }
th[aria-sort=descending] button::after { content: ' \\2193' }
tr.bad td:nth-child(2) { color: var(--bad) }
a { color: inherit }
input { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: .35rem; padding: .3rem .6rem; width: min(24rem, 100%) }
#more { margin-top: .75rem; font: inherit; padding: .35rem .9rem }
`
