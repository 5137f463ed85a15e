// A letter is written as it will read: each text area of the kind app-editor becomes a small editor with a row of
// buttons. The text area stays what the form sends. Without this script the text is written in its tags.
const COMMANDS = [
  ['bold', 'Bold'],
  ['italic', 'Italic'],
  ['insertUnorderedList', 'Bulleted list'],
  ['insertOrderedList', 'Numbered list'],
  ['formatBlock', 'Heading', 'h2'],
  ['formatBlock', 'Paragraph', 'p'],
]
const RENAMED = { B: 'strong', I: 'em', DIV: 'p' }

function tidied(page) {
  const copy = page.cloneNode(true)
  for (const [old, name] of Object.entries(RENAMED)) {
    for (const element of copy.querySelectorAll(old)) {
      const renamed = document.createElement(name)
      renamed.append(...element.childNodes)
      element.replaceWith(renamed)
    }
  }
  for (const element of copy.querySelectorAll('[style], [class], span')) {
    element.removeAttribute('style')
    element.removeAttribute('class')
    if (element.tagName === 'SPAN') element.replaceWith(...element.childNodes)
  }
  return copy.innerHTML
}

function edit(area) {
  const page = document.createElement('div')
  page.className = 'app-editor__page app-letter'
  page.contentEditable = 'true'
  page.setAttribute('role', 'textbox')
  page.setAttribute('aria-multiline', 'true')
  const label = document.querySelector(`label[for="${area.id}"]`)
  label.id ||= `${area.id}-label`
  page.setAttribute('aria-labelledby', label.id)
  const described = area.getAttribute('aria-describedby')
  if (described) page.setAttribute('aria-describedby', described)
  page.innerHTML = new DOMParser().parseFromString(area.value, 'text/html').body.innerHTML
  label.addEventListener('click', () => page.focus())
  document.execCommand('defaultParagraphSeparator', false, 'p')
  document.execCommand('styleWithCSS', false, false)
  const changed = () => {
    area.value = tidied(page)
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }
  page.addEventListener('input', changed)
  area.addEventListener('app:put-back', () => {
    page.innerHTML = new DOMParser().parseFromString(area.value, 'text/html').body.innerHTML
  })
  page.addEventListener('paste', (event) => {
    event.preventDefault()
    document.execCommand('insertText', false, event.clipboardData.getData('text/plain'))
  })

  const bar = document.createElement('div')
  bar.className = 'app-editor__bar'
  bar.setAttribute('role', 'toolbar')
  bar.setAttribute('aria-label', 'Formatting')
  for (const [command, name, value] of COMMANDS) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'app-editor__button'
    button.textContent = name
    button.addEventListener('mousedown', (event) => event.preventDefault())
    button.addEventListener('click', () => {
      page.focus()
      document.execCommand(command, false, value)
      changed()
    })
    button.tabIndex = bar.childElementCount ? -1 : 0
    bar.append(button)
  }
  bar.addEventListener('keydown', (event) => {
    const buttons = [...bar.children]
    const at = buttons.indexOf(document.activeElement)
    const last = buttons.length - 1
    const to = { ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    buttons[at].tabIndex = -1
    buttons[to].tabIndex = 0
    buttons[to].focus()
  })
  area.hidden = true
  area.before(bar, page)
}

// How a message will look is asked of the server a moment after somebody stops typing, and shown in a sealed frame. A new
// frame each time keeps the way back free of looks.
function live (place) {
  const form = place.closest('form')
  const around = place.querySelector('.app-live__frame')
  const [first, ...more] = place.dataset.live.split(' ').map((pair) => pair.split('='))
  let waiting = 0
  let number = 0

  function show () {
    const frame = document.createElement('iframe')
    number += 1
    Object.assign(frame, { name: `${first[0]}-${number}-${Math.random()}`, title: around.dataset.title, sandbox: '' })
    around.append(frame)
    frame.addEventListener('load', () => { [...around.children].slice(0, -1).forEach((old) => old.remove()) })
    const button = document.createElement('button')
    Object.assign(button, { name: first[0], value: first[1], formTarget: frame.name, hidden: true })
    if (place.dataset.action) button.formAction = place.dataset.action
    button.dataset.looks = ''
    const hidden = more.map(([name, value]) => Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    form.append(button, ...hidden)
    form.requestSubmit(button)
    for (const one of [button, ...hidden]) one.remove()
  }
  place.hidden = false
  form.addEventListener('submit', (event) => {
    if (!event.submitter || !('looks' in event.submitter.dataset)) clearTimeout(waiting)
  })
  form.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(show, 700)
  })
  show()
}

// Who leaves with words that were not sent is asked first.
let unsaved = false
document.addEventListener('input', (event) => { unsaved ||= Boolean(event.target.closest('.app-writing')) })
document.addEventListener('submit', (event) => {
  const looks = event.submitter && ('looks' in event.submitter.dataset || event.submitter.formTarget === '_blank')
  if (!looks) unsaved = false
})
window.addEventListener('beforeunload', (event) => { if (unsaved) event.preventDefault() })

for (const area of document.querySelectorAll('textarea[data-module="app-editor"]')) edit(area)
document.querySelectorAll('[data-live]').forEach(live)
