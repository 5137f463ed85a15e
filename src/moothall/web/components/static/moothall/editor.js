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
  page.addEventListener('input', () => {
    area.value = tidied(page)
  })
  page.addEventListener('paste', (event) => {
    event.preventDefault()
    document.execCommand('insertText', false, event.clipboardData.getData('text/plain'))
  })

  const bar = document.createElement('div')
  bar.className = 'app-editor__bar'
  bar.setAttribute('role', 'group')
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
      area.value = tidied(page)
    })
    bar.append(button)
  }
  area.hidden = true
  area.before(bar, page)
}

for (const area of document.querySelectorAll('textarea[data-module="app-editor"]')) edit(area)
