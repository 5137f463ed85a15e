// Maps: the pins of a list on the same page (data-at), near ones as one; wards and, where the council has them, tiles.
// With data-follow the list is asked for anew as the map moves; with data-picks a point can be chosen. Leaflet comes before.
const L = window.L
const CELL = 44 // pixels: pins nearer to one another are one
const WAIT = 300 // milliseconds after a move
const BRITAIN = [[49.9, -7], [58.7, 1.8]]
const NAMES_FROM = 11 // the zoom from which wards are named
const CLOSEST = 20

function ground (box) {
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  const moving = { zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still }
  const map = L.map(box.querySelector('.app-map__ground'), { attributionControl: false, minZoom: 5, maxZoom: CLOSEST, ...moving })
  L.control.scale({ imperial: false }).addTo(map)
  map.on('zoomend', () => box.classList.toggle('app-map--far', map.getZoom() < NAMES_FROM))
  const { tiles, deepest } = box.dataset
  if (tiles) L.tileLayer(tiles, { maxNativeZoom: Number(deepest), maxZoom: CLOSEST, alt: '' }).addTo(map)
  return map
}

function named (text) {
  const said = document.createElement('span')
  said.textContent = text
  return said
}

// Draws the wards; gives what the council lies within, or nothing.
async function wards (box, map) {
  try {
    const answer = await fetch(box.dataset.wards)
    if (!answer.ok) return null
    const found = await answer.json()
    L.geoJSON(found, {
      interactive: false,
      style: (one) => ({ className: `app-map__ward${one.properties.drawn ? ' app-map__ward--drawn' : ''}` }),
      onEachFeature: (one, layer) => layer.bindTooltip(named(one.properties.name), { permanent: true, direction: 'center', pane: 'shadowPane', className: 'app-map__name' })
    }).addTo(map)
    const [west, south, east, north] = found.bbox ?? []
    return found.bbox ? [[south, west], [north, east]] : null
  } catch {
    return null // the pins are there all the same
  }
}

const places = (list) => [...list.querySelectorAll('[data-at]')].map((item) => ({ item, at: L.latLng(item.dataset.at.split(',').map(Number)) }))

// Places whose pins would lie over one another, together.
function groups (map, found) {
  const cells = new Map()
  for (const place of found) {
    const { x, y } = map.project(place.at)
    const cell = `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`
    cells.set(cell, [...(cells.get(cell) ?? []), place])
  }
  return [...cells.values()]
}

function show (box, map, layer, list) {
  const shown = `${map.getZoom()} ${list.textContent} ${places(list).map((one) => one.item.dataset.at)}`
  if (shown === layer.shown) return // nothing else than before: who is at a pin stays there
  layer.shown = shown
  const held = layer.getLayers().find((pin) => pin.getElement() === document.activeElement)
  layer.clearLayers()
  for (const group of groups(map, places(list))) {
    const around = L.latLngBounds(group.map((one) => one.at))
    const apart = !around.getSouthWest().equals(around.getNorthEast(), 1e-6) && map.getZoom() < CLOSEST
    const many = group.length > 1
    const size = many ? 34 : 26
    const icon = L.divIcon({ className: `app-pin app-pin--${group[0].item.dataset.kind}`, iconSize: [size, size], html: named(many ? group.length : '') })
    const pin = L.marker(many ? around.getCenter() : group[0].at, { icon }).addTo(layer)
    const element = pin.getElement()
    const words = many ? `${group.length} ${box.dataset.several}` : group[0].item.textContent.trim().replace(/\s+/g, ' ')
    element.setAttribute('aria-label', many && apart ? `${words}. ${box.dataset.closer}` : words)
    const act = () => (many && apart ? map.fitBounds(around, { padding: [40, 40], maxZoom: CLOSEST }) : tell(map, layer, pin.getLatLng(), group))
    pin.on('click', act)
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      event.stopPropagation()
      act()
    })
  }
  if (held) focusAt(map, layer, held.getLatLng())
}

// The pin there, which may have been drawn anew since; else the map.
function focusAt (map, layer, at) {
  const pin = layer.getLayers().find((one) => one.getLatLng().equals(at))
  ;(pin?.getElement() ?? map.getContainer()).focus({ preventScroll: true })
}

function tell (map, layer, at, group) {
  const list = document.createElement('ul')
  list.append(...group.map(({ item }) => {
    const copy = document.createElement('li')
    copy.append(...[...item.childNodes].map((node) => node.cloneNode(true)))
    return copy
  }))
  const popup = L.popup({ minWidth: 160, maxWidth: 280 }).setLatLng(at).setContent(list)
  popup.on('remove', () => {
    if (document.activeElement !== document.body && !popup.getElement()?.contains(document.activeElement)) return
    focusAt(map, layer, at)
  })
  popup.openOn(map)
  popup.getElement().addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    map.closePopup(popup)
  })
  const to = list.querySelector('a') ?? popup.getElement().querySelector('.leaflet-popup-close-button')
  to?.focus({ preventScroll: true })
}

// Asks for the list of what is on the map now.
function follow (box, map, list, shown) {
  let waiting
  let asked
  async function ask () {
    asked?.abort()
    asked = new AbortController()
    const view = map.getBounds()
    const sides = { west: view.getWest(), south: view.getSouth(), east: view.getEast(), north: view.getNorth() }
    const where = new URL(box.dataset.follow, window.location)
    for (const [name, value] of Object.entries(sides)) where.searchParams.set(name, value.toFixed(6))
    try {
      const answer = await fetch(where, { headers: { 'HX-Request': 'true' }, signal: asked.signal })
      if (!answer.ok) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      list.replaceChildren(...page.body.childNodes)
      box.querySelector('[role=status]').textContent = list.querySelector('[data-said]')?.textContent ?? ''
      shown()
    } catch (problem) {
      if (problem.name !== 'AbortError') throw problem
    }
  }
  map.on('moveend', () => { clearTimeout(waiting); waiting = setTimeout(ask, WAIT) })
  if (list.querySelector('[data-more]')) ask() // of a part there may be fewer
}

// A point pressed, or the one in the middle with Enter, is written into an input as latitude and longitude.
function picks (box, map) {
  const input = document.getElementById(box.dataset.picks)
  const icon = L.divIcon({ className: 'app-pin app-pin--here', iconSize: [26, 26] })
  let pin
  function pick (at) {
    pin?.remove()
    pin = L.marker(at, { icon, keyboard: false, interactive: false }).addTo(map)
    input.value = `${at.lat.toFixed(6)}, ${at.lng.toFixed(6)}`
    box.querySelector('[role=status]').textContent = `${box.dataset.picked} ${input.value}`
    input.dispatchEvent(new CustomEvent('moothall:picked', { bubbles: true }))
  }
  map.on('click', (event) => pick(event.latlng))
  map.getContainer().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.target !== map.getContainer()) return
    event.preventDefault() // the map may stand in a form
    pick(map.getCenter())
  })
}

async function begin (box) {
  const map = ground(box)
  const list = document.getElementById(box.dataset.map)
  const found = list ? places(list) : []
  const [only] = found
  if (found.length > 1) map.fitBounds(L.latLngBounds(found.map((one) => one.at)), { padding: [30, 30], maxZoom: 17, animate: false })
  else map.setView(only?.at ?? [54.5, -3], only ? 17 : 6, { animate: false })
  const layer = L.layerGroup().addTo(map)
  const shown = () => list && show(box, map, layer, list)
  shown()
  map.on('zoomend', shown)
  if (box.dataset.picks) picks(box, map)
  const council = await wards(box, map)
  if (!found.length) map.fitBounds(council ?? BRITAIN, { animate: false })
  if (box.dataset.follow) follow(box, map, list, shown)
}

document.querySelectorAll('[data-map]').forEach((box) => {
  const folded = box.querySelector('details')
  if (folded) folded.addEventListener('toggle', () => begin(box), { once: true })
  else begin(box)
})
