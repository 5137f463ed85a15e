// The work list is refreshed in place: what was ticked stays ticked, and the table stays where it was scrolled to.
// A box above the rows ticks them all. With the shift key held, by mouse or space bar, all rows between two are ticked.
const list = () => document.getElementById('work-list')
const boxes = () => [...document.querySelectorAll('#work-list input[name="item"]')]
let ticked = new Set()
let scrolled = 0
let stagesShown = false
let last = ''
let refreshed = false
const stages = () => document.querySelector('#work-side details')

function everyBox () {
  const shown = document.getElementById('work-all')
  if (!shown) return
  shown.classList.add('app-work__all--works')
  const all = shown.querySelector('input')
  all.checked = boxes().length > 0 && boxes().every((box) => box.checked)
  all.addEventListener('change', () => boxes().forEach((box) => { box.checked = all.checked }))
}

document.body.addEventListener('click', (event) => {
  const box = event.target
  if (!(box instanceof HTMLInputElement) || !boxes().includes(box)) return
  const [from, to] = [boxes().findIndex((one) => one.value === last), boxes().indexOf(box)]
  if (event.shiftKey && from >= 0) {
    boxes().slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => { one.checked = box.checked })
  }
  last = box.value
})

document.body.addEventListener('htmx:beforeSwap', (event) => {
  stagesShown = stages()?.open ?? false
  if (event.target !== list()) return
  refreshed = true
  ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value))
  scrolled = list().querySelector('.app-table')?.scrollLeft ?? 0
})
document.body.addEventListener('htmx:afterSettle', () => {
  if (stages()) stages().open = stagesShown
  if (!refreshed) return
  refreshed = false
  boxes().forEach((box) => { box.checked = box.checked || ticked.has(box.value) })
  const table = list()?.querySelector('.app-table')
  if (table) table.scrollLeft = scrolled
  everyBox()
})
everyBox()
