// Addresses while one types, in a combobox (WAI-ARIA APG, list autocomplete with manual selection). What is chosen fills in the
// fields of the form. Without this, the button finds them in a step of the form.
const WAIT = 150 // milliseconds without a key

function enhance (box) {
  const input = box.querySelector('#find_address')
  const status = box.querySelector('[role=status]')
  const form = input.form
  const list = document.createElement('ul')
  Object.assign(list, { id: 'find_address-list', className: 'app-names', hidden: true })
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', box.dataset.found)
  input.after(list)
  const attributes = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': list.id, 'aria-expanded': 'false' }
  Object.entries(attributes).forEach(([name, value]) => input.setAttribute(name, value))
  let shown = []
  let at = -1
  let waiting
  let asked

  function light (next) {
    at = next
    ;[...list.children].forEach((one, index) => one.setAttribute('aria-selected', String(index === at)))
    if (at >= 0) {
      input.setAttribute('aria-activedescendant', `find_address-${at}`)
      list.children[at].scrollIntoView({ block: 'nearest' })
    } else input.removeAttribute('aria-activedescendant')
  }
  function close () {
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    light(-1)
  }
  function show (found) {
    shown = found
    list.replaceChildren(...found.map((one, index) => {
      const item = document.createElement('li')
      item.id = `find_address-${index}`
      item.setAttribute('role', 'option')
      item.textContent = one.line
      item.addEventListener('mousedown', (event) => { event.preventDefault(); take(one) })
      return item
    }))
    status.textContent = found.length ? `${found.length} – ${box.dataset.found}` : box.dataset.none
    list.hidden = found.length === 0
    input.setAttribute('aria-expanded', String(found.length > 0))
    light(-1)
  }
  function take (one) {
    for (const [name, value] of Object.entries(one.fields)) {
      const filled = form.elements[name]
      if (filled) {
        filled.value = value
        filled.dispatchEvent(new Event('input', { bubbles: true }))
      }
    }
    input.value = one.line
    close()
    status.textContent = box.dataset.filled
  }
  async function find () {
    asked?.abort()
    if (input.value.trim().length < 3) return close()
    asked = new AbortController()
    const body = new URLSearchParams({ text: input.value, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value })
    try {
      const answer = await fetch(box.dataset.findAddress, { method: 'POST', body, signal: asked.signal })
      if (answer.ok && document.activeElement === input) show((await answer.json()).found)
    } catch (problem) {
      if (problem.name !== 'AbortError') close() // the button still finds
    }
  }
  input.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(find, WAIT) })
  input.addEventListener('moothall:picked', () => { input.focus(); find() }) // a point of the map beside it
  input.addEventListener('blur', close)
  input.addEventListener('keydown', (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 }
    if (!list.hidden && moves[event.key]) {
      event.preventDefault()
      const next = at < 0 && event.key === 'ArrowUp' ? shown.length - 1 : at + moves[event.key]
      light((next + shown.length) % shown.length)
    } else if (!list.hidden && event.key === 'Enter' && at >= 0) {
      event.preventDefault()
      take(shown[at])
    } else if (!list.hidden && event.key === 'Escape') {
      event.preventDefault()
      close()
    } else if (list.hidden && event.key === 'ArrowDown') {
      event.preventDefault()
      find()
    }
  })
}

document.querySelectorAll('[data-find-address]').forEach(enhance)
