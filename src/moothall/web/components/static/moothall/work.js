// The work list is refreshed in place: what was ticked stays ticked, and the table stays where it was scrolled to.
// A box above the rows ticks them all.
const list = () => document.getElementById('work-list')
const boxes = () => [...document.querySelectorAll('#work-list input[name="item"]')]
let ticked = new Set()
let scrolled = 0

function everyBox () {
  const cell = document.getElementById('work-all')
  if (!cell) return
  cell.innerHTML = '<div class="govuk-checkboxes govuk-checkboxes--small"><div class="govuk-checkboxes__item">' +
    '<input type="checkbox" class="govuk-checkboxes__input" id="pick-all">' +
    '<label class="govuk-label govuk-checkboxes__label" for="pick-all"><span class="govuk-visually-hidden"></span></label></div></div>'
  cell.querySelector('span').textContent = cell.dataset.label
  const all = cell.querySelector('input')
  all.checked = boxes().length > 0 && boxes().every((box) => box.checked)
  all.addEventListener('change', () => boxes().forEach((box) => { box.checked = all.checked }))
}

document.body.addEventListener('htmx:beforeSwap', (event) => {
  if (event.target !== list()) return
  ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value))
  scrolled = list().querySelector('.app-table')?.scrollLeft ?? 0
})
document.body.addEventListener('htmx:afterSettle', () => {
  boxes().forEach((box) => { box.checked = box.checked || ticked.has(box.value) })
  const table = list()?.querySelector('.app-table')
  if (table) table.scrollLeft = scrolled
  everyBox()
})
everyBox()
