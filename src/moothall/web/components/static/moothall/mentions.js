// Colleagues for a note: the list is replaced by a combobox that finds them by name, and @ in the note finds them too.
// What is chosen is kept in the list itself, which is what is sent.
const box = document.querySelector('.app-tell')
const select = box?.querySelector('select')
const note = document.querySelector('textarea[name="text"]')
const words = box?.dataset ?? {}
const MOST = 8

const options = () => [...select.options]
const matching = (typed) => options().filter((one) => !one.selected &&
  one.text.toLowerCase().split(/\s+/).some((_, at, parts) => parts.slice(at).join(' ').startsWith(typed.trim().toLowerCase())))

// A list of names under an input, moved through with the arrow keys. `typed` says what is looked for, or null for nothing.
function names (input, { id, typed, pick }) {
  const list = document.createElement('ul')
  Object.assign(list, { id, className: 'app-names', hidden: true })
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', words.found)
  input.after(list)
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-controls', id)
  let shown = []
  let at = -1

  function light (next) {
    at = next
    list.querySelectorAll('[role=option]').forEach((one, index) => one.setAttribute('aria-selected', String(index === at)))
    if (at >= 0) input.setAttribute('aria-activedescendant', `${id}-${at}`)
    else input.removeAttribute('aria-activedescendant')
  }
  function close () {
    list.hidden = true
    light(-1)
    if (input.getAttribute('role') === 'combobox') input.setAttribute('aria-expanded', 'false')
  }
  function open () {
    const sought = typed()
    if (sought === null) return close()
    shown = matching(sought).slice(0, MOST)
    list.replaceChildren(...(shown.length ? shown.map(line) : [nothing()]))
    list.hidden = false
    light(shown.length && sought ? 0 : -1)
    if (input.getAttribute('role') === 'combobox') input.setAttribute('aria-expanded', 'true')
  }
  function line (option, index) {
    const item = document.createElement('li')
    item.id = `${id}-${index}`
    item.setAttribute('role', 'option')
    item.textContent = option.text
    item.addEventListener('mousedown', (event) => { event.preventDefault(); take(option) })
    return item
  }
  function nothing () {
    const item = document.createElement('li')
    item.className = 'app-names__none'
    item.setAttribute('role', 'option')
    item.setAttribute('aria-disabled', 'true')
    item.textContent = words.none
    return item
  }
  function take (option) {
    option.selected = true
    pick(option)
    show()
    close()
  }
  input.addEventListener('input', open)
  input.addEventListener('blur', close)
  input.addEventListener('keydown', (event) => {
    if (list.hidden) {
      if (event.key === 'ArrowDown' && input !== note) { event.preventDefault(); open() }
      return
    }
    const moves = { ArrowDown: 1, ArrowUp: -1 }
    if (moves[event.key] && shown.length) {
      event.preventDefault()
      light((at + moves[event.key] + shown.length) % shown.length)
    } else if ((event.key === 'Enter' || (event.key === 'Tab' && input === note)) && at >= 0) {
      event.preventDefault()
      take(shown[at])
    } else if (event.key === 'Enter' && input !== note) {
      event.preventDefault()
    } else if (event.key === 'Escape') {
      event.preventDefault()
      close()
    }
  })
}

// The name begun after the last @ before the caret, or null.
function begun () {
  const found = /(?:^|[^\w@])@([^@\n]{0,40})$/u.exec(note.value.slice(0, note.selectionStart))
  return found && (!found[1].includes(' ') || matching(found[1]).length) ? found[1] : null
}
function write (option) {
  const caret = note.selectionStart
  const start = note.value.lastIndexOf('@', caret - 1)
  note.setRangeText(`@${option.text} `, start, caret, 'end')
  note.dispatchEvent(new Event('input', { bubbles: true }))
}

const chips = document.createElement('ul')
function show () {
  chips.replaceChildren(...options().filter((one) => one.selected).map((option) => {
    const item = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'app-chip'
    button.textContent = `${option.text} ×`
    button.setAttribute('aria-label', `${words.remove}: ${option.text}`)
    button.addEventListener('click', () => { option.selected = false; show(); input.focus() })
    item.append(button)
    return item
  }))
}

const input = document.createElement('input')
if (select) {
  Object.assign(input, { type: 'text', autocomplete: 'off', className: 'govuk-input govuk-input--width-20', id: select.id })
  if (select.getAttribute('aria-describedby')) input.setAttribute('aria-describedby', select.getAttribute('aria-describedby'))
  select.removeAttribute('id')
  select.hidden = true
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-expanded', 'false')
  chips.className = 'app-chips'
  select.before(chips, input)
  names(input, { id: 'tell-names', typed: () => input.value, pick: () => { input.value = '' } })
  if (note) names(note, { id: 'note-names', typed: begun, pick: write })
  show()
}
