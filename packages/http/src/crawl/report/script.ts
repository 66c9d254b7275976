/** The report's browser script. It renders the data embedded in the page, and inserts all of it as text. */
export const SCRIPT: string = `
'use strict'
{
  const BARS = 2000
  const ROWS = 200
  const data = JSON.parse(document.getElementById('data').textContent)
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties)
    element.append(...children)
    return element
  }
  const group = (key) => {
    const groups = new Map()
    for (const row of data) {
      const value = key(row)
      if (value === undefined) continue
      if (!groups.has(value)) groups.set(value, [])
      groups.get(value).push(row)
    }
    return [...groups].sort((a, b) => b[1].length - a[1].length)
  }
  const seconds = (milliseconds) => (milliseconds / 1000).toFixed(milliseconds < 10000 ? 2 : 0) + ' s'
  const outcome = (row) => (row.ok ? String(row.status) : row.error.name)

  const end = data.reduce((most, row) => Math.max(most, row.start + row.elapsed), 1)
  const waterfall = document.getElementById('waterfall')
  const axis = make('div', { className: 'axis' })
  for (let tick = 0; tick <= 4; tick += 1) axis.append(make('span', { textContent: seconds((end * tick) / 4) }))
  waterfall.append(axis)
  const hosts = group((row) => row.host || '(no host)')
  hosts.forEach(([host, rows], index) => {
    const failed = rows.filter((row) => !row.ok).length
    const tracks = make('div')
    const details = make('details', { open: index < 5 }, make('summary', {}, host + ' ', make('span', { textContent: rows.length + ' URLs, ' + failed + ' failed' })), tracks)
    const draw = () => {
      if (!details.open || tracks.childElementCount > 0) return
      const drawn = [...rows].sort((a, b) => a.start - b.start).slice(0, BARS)
      const lanes = []
      for (const row of drawn) {
        let lane = lanes.find(({ until }) => until <= row.start)
        if (lane === undefined) {
          lane = { until: 0, track: make('div', { className: 'track' }) }
          lanes.push(lane)
          tracks.append(lane.track)
        }
        lane.until = row.start + row.elapsed
        const bar = make('i', { className: row.ok ? '' : 'bad', title: outcome(row) + ' ' + row.elapsed + ' ms ' + row.url })
        bar.style.left = (100 * row.start) / end + '%'
        bar.style.width = (100 * row.elapsed) / end + '%'
        lane.track.append(bar)
      }
      if (rows.length > BARS) tracks.append(make('p', { className: 'note', textContent: 'The first ' + BARS + ' of ' + rows.length }))
    }
    details.addEventListener('toggle', draw)
    draw()
    waterfall.append(details)
  })

  const chart = (id, groups, className, empty) => {
    const place = document.getElementById(id)
    if (groups.length === 0) place.append(make('p', { className: 'empty', textContent: empty }))
    const most = Math.max(1, ...groups.map(([, rows]) => rows.length))
    for (const [name, rows] of groups) {
      const bar = make('i')
      bar.style.width = (100 * rows.length) / most + '%'
      place.append(make('div', { className: 'count ' + className }, make('b', { textContent: name }), bar, make('span', { textContent: rows.length })))
    }
  }
  chart('errors', group((row) => (row.ok ? undefined : row.error.name)), 'bad', 'None')
  chart('encodings', group((row) => row.encoding), '', 'No text was read')
  chart('statuses', group((row) => (row.status === undefined ? undefined : String(row.status))), '', 'No server answered')

  const columns = [
    ['URL', (row) => row.url],
    ['Outcome', outcome],
    ['Encoding', (row) => row.encoding ?? ''],
    ['Bytes', (row) => row.bytes ?? -1, true],
    ['Milliseconds', (row) => row.elapsed, true],
    ['Start', (row) => row.start, true],
    ['Depth', (row) => row.depth, true],
    ['Attempts', (row) => row.attempt, true],
    ['Title or error', (row) => (row.ok ? (row.title ?? '') : row.error.message)],
  ]
  let sorted = { column: 5, direction: 1 }
  let limit = ROWS
  const head = document.querySelector('#table thead')
  const body = document.querySelector('#table tbody')
  const filter = document.getElementById('filter')
  const more = document.getElementById('more')
  const heading = make('tr')
  columns.forEach(([name, , isNumber], column) => {
    const button = make('button', { type: 'button', textContent: name })
    button.addEventListener('click', () => {
      sorted = { column, direction: sorted.column === column ? -sorted.direction : 1 }
      fill()
    })
    heading.append(make('th', { scope: 'col', className: isNumber ? 'number' : '' }, button))
  })
  head.append(heading)
  const compare = (a, b) => (typeof a === 'number' ? a - b : a < b ? -1 : a > b ? 1 : 0)
  const fill = () => {
    const value = columns[sorted.column][1]
    const wanted = filter.value.toLowerCase()
    const rows = data.filter((row) => wanted === '' || [row.url, outcome(row), row.error?.message ?? '', row.title ?? ''].some((text) => text.toLowerCase().includes(wanted)))
    rows.sort((a, b) => sorted.direction * compare(value(a), value(b)))
    ;[...heading.children].forEach((cell, column) => {
      if (column === sorted.column) cell.setAttribute('aria-sort', sorted.direction > 0 ? 'ascending' : 'descending')
      else cell.removeAttribute('aria-sort')
    })
    body.replaceChildren(...rows.slice(0, limit).map((row) => {
      const line = make('tr', { className: row.ok ? '' : 'bad' })
      columns.forEach(([, get, isNumber], column) => {
        const text = get(row) === -1 ? '' : String(get(row))
        const isLink = column === 0 && /^https?:/i.test(text)
        const content = isLink ? make('a', { href: text, rel: 'noreferrer noopener', textContent: text }) : text
        line.append(make('td', { className: isNumber ? 'number' : '' }, content))
      })
      return line
    }))
    document.getElementById('shown').textContent = Math.min(limit, rows.length) + ' of ' + rows.length
    more.hidden = rows.length <= limit
  }
  filter.addEventListener('input', () => {
    limit = ROWS
    fill()
  })
  more.addEventListener('click', () => {
    limit += ROWS
    fill()
  })
  fill()
}
`
