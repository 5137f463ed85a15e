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

// In a template, placeholders and conditions are shown as pieces that are kept or deleted whole. Within a table, where
// no text may stand between the rows, they are kept out of sight.
const CODE = /\{\{.*?\}\}|\{%.*?%\}/g
const HIDDEN = /<!--(\{\{.*?\}\}|\{%.*?%\})-->/g
const IN_TABLES = ['TABLE', 'THEAD', 'TBODY', 'TR']
const IN_LISTS = ['UL', 'OL']

function piece(code, parent) {
  const shown = document.createElement(parent && IN_LISTS.includes(parent.tagName) ? 'li' : 'span')
  shown.className = 'app-editor__code'
  shown.contentEditable = 'false'
  shown.dataset.code = code
  shown.textContent = code.slice(2, -2).trim()
  return shown
}

function read(html, template) {
  if (!template) return new DOMParser().parseFromString(html, 'text/html').body
  let tag = false // codes in a tag, such as the address of a link, stay what they are
  const marked = html.replace(/\{\{.*?\}\}|\{%.*?%\}|[<>]/g, (found) => {
    if (found === '<' || found === '>') {
      tag = found === '<'
      return found
    }
    return tag ? found : `<!--${found}-->`
  })
  const { body } = new DOMParser().parseFromString(marked, 'text/html')
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_COMMENT)
  const codes = []
  while (walker.nextNode()) codes.push(walker.currentNode)
  for (const one of codes) {
    if (!IN_TABLES.includes(one.parentElement.tagName)) one.replaceWith(piece(one.data, one.parentElement))
  }
  return body
}

// Within a placeholder or condition nothing is written as HTML writes it.
function plainly(html) {
  return html.replace(HIDDEN, '$1').replace(CODE, (code) =>
    code.replaceAll('&nbsp;', ' ').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
}

function codes(html) {
  return (html.match(CODE) || []).join(' ')
}

function tidied(page, template) {
  const copy = page.cloneNode(true)
  for (const one of copy.querySelectorAll('[data-code]')) one.replaceWith(one.dataset.code)
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
  return template ? plainly(copy.innerHTML) : copy.innerHTML
}

// What may be put in: a placeholder, a condition around what is selected, or each line of a list.
function chooser(area, page, changed) {
  const insert = (select) => {
    const [how, name] = select.value.split(' ')
    if (!how) return
    page.focus()
    const choice = window.getSelection()
    if (!choice.rangeCount || !page.contains(choice.anchorNode)) {
      choice.selectAllChildren(page)
      choice.collapseToEnd()
    }
    const range = choice.getRangeAt(0)
    const codes = {
      print: [`{{ ${name} }}`],
      ask: [`{% if ${name} %}`, range.extractContents(), '{% endif %}'],
      each: [`{% for line in ${name} %}`, '{{ line }}', '{% if not forloop.last %}', ', ', '{% endif %}', '{% endfor %}']
    }[how]
    const made = document.createDocumentFragment()
    for (const one of codes) made.append(typeof one === 'string' && one.startsWith('{') ? piece(one) : one)
    const last = made.lastChild
    range.deleteContents()
    range.insertNode(made)
    const after = how === 'ask' ? 0 : 1 // within a condition one goes on writing
    choice.setPosition(last.parentNode, [...last.parentNode.childNodes].indexOf(last) + after)
    select.value = ''
    changed()
  }
  const select = document.createElement('select')
  select.className = 'app-editor__button app-editor__choice'
  select.setAttribute('aria-label', 'Placeholder or condition')
  const offered = JSON.parse(area.dataset.placeholders)
  const groups = [
    ['Put in', 'print', offered.filter(([, kind]) => kind !== 'list')],
    ['Only where there is', 'ask', offered.filter(([, kind]) => kind !== 'block')],
    ['Each line of', 'each', offered.filter(([, kind]) => kind === 'list')]
  ]
  select.append(new Option('Placeholder…', ''))
  for (const [label, how, those] of groups) {
    const group = Object.assign(document.createElement('optgroup'), { label })
    for (const [name] of those) group.append(new Option(name, `${how} ${name}`))
    select.append(group)
  }
  const button = document.createElement('button')
  Object.assign(button, { type: 'button', className: 'app-editor__button', textContent: 'Insert' })
  button.addEventListener('mousedown', (event) => event.preventDefault())
  button.addEventListener('click', () => insert(select))
  const place = document.createElement('div')
  place.className = 'app-editor__bar'
  place.append(select, button)
  return place
}

// Who knows HTML may write it: everything else of the editor is put away meanwhile.
function inHtml(area, others, put) {
  const button = document.createElement('button')
  Object.assign(button, { type: 'button', className: 'app-editor__button', textContent: 'Write in HTML' })
  button.setAttribute('aria-pressed', 'false')
  button.addEventListener('click', () => {
    const html = area.hidden
    if (!html) put()
    area.hidden = !html
    for (const one of others) one.hidden = html
    button.setAttribute('aria-pressed', String(html))
  })
  return button
}

function edit(area) {
  const template = 'placeholders' in area.dataset
  // A text whose placeholders would not come through as they are is written in HTML.
  if (template && codes(tidied(read(area.value, true), true)) !== codes(area.value)) return
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
  const put = () => page.replaceChildren(...read(area.value, template).childNodes)
  put()
  if (area.lang) page.lang = area.lang
  if (area.getAttribute('aria-invalid')) page.setAttribute('aria-invalid', 'true')
  label.addEventListener('click', () => { if (area.hidden) page.focus() })
  document.execCommand('defaultParagraphSeparator', false, 'p')
  document.execCommand('styleWithCSS', false, false)
  const changed = () => {
    area.value = tidied(page, template)
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }
  page.addEventListener('input', changed)
  area.addEventListener('app:put-back', put)
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
  if (template) {
    const choice = chooser(area, page, changed)
    choice.append(inHtml(area, [bar, page, ...choice.children], put))
    bar.after(choice)
  }
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
