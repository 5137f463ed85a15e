// Files dropped or chosen wait in a list until the form is sent: then they go one by one, each with its progress, and each
// can be stopped or sent again. Without this script the form sends them all together.
const form = document.querySelector('form[data-upload]')

function element (name, given = {}, ...children) {
  const made = Object.assign(document.createElement(name), given)
  made.append(...children)
  return made
}

function start () {
  const words = form.querySelector('[data-upload-words]').dataset
  const input = form.querySelector('input[type="file"]')
  const list = element('ul', { className: 'app-upload__list' })
  list.setAttribute('aria-label', words.list)
  list.hidden = true
  const told = element('p', { className: 'govuk-visually-hidden' })
  told.setAttribute('role', 'status')
  const zone = form.querySelector('.app-upload')
  zone.after(list, told)
  const waiting = new Map() // what sends each file, by its row
  let going = 0
  let pressed = null

  const refresh = () => htmx.ajax('GET', location.href, { target: '#kept', select: '#kept', swap: 'outerHTML' })

  // A form that is a step of several goes on by itself once every file is there.
  function allEnded () {
    const button = pressed
    pressed = null
    const onward = button && button.name !== 'more' && 'uploadOnward' in form.dataset
    if (onward && !list.querySelector('.app-upload__refused')) form.requestSubmit(button)
    else refresh()
  }

  function put (file) {
    const bar = element('progress', { max: 100, value: 0 })
    bar.setAttribute('aria-label', file.name)
    bar.hidden = true
    const said = element('span', { className: 'app-upload__said', textContent: words.waiting })
    const button = element('button', { type: 'button', className: 'app-upload__button' })
    const row = element('li', {}, element('span', { className: 'app-file', textContent: file.name }), bar, said, button)
    list.append(row)
    list.hidden = false
    told.textContent = `${file.name}: ${words.waiting}`

    function named (text) {
      button.textContent = text
      button.append(element('span', { className: 'govuk-visually-hidden', textContent: ` ${file.name}` }))
    }

    function attempt () {
      const asked = new XMLHttpRequest()
      const ended = (sentence, kept) => {
        going -= 1
        said.textContent = sentence
        row.className = kept ? 'app-upload__kept' : 'app-upload__refused'
        told.textContent = `${file.name}: ${sentence}`
        bar.hidden = true
        named(words.again)
        button.onclick = attempt
        button.hidden = kept
        if (going === 0) allEnded()
      }
      going += 1
      row.className = ''
      bar.hidden = button.hidden = false
      bar.value = 0
      said.textContent = words.sending
      named(words.cancel)
      button.onclick = () => asked.abort()
      asked.upload.addEventListener('progress', (event) => {
        if (event.lengthComputable) bar.value = 100 * event.loaded / event.total
      })
      asked.addEventListener('abort', () => ended(words.cancelled, false))
      asked.addEventListener('error', () => ended(words.failed, false))
      asked.addEventListener('load', () => {
        const type = asked.getResponseHeader('Content-Type') ?? ''
        if (type.startsWith('application/json')) {
          ended(JSON.parse(asked.responseText).sentence, asked.status === 201)
        } else {
          ended(asked.responseURL.includes('/sign-in/') ? words.signedOut : words.failed, false)
        }
      })
      const body = new FormData(form)
      body.delete(input.name)
      body.append('uploads', file)
      asked.open('POST', form.dataset.upload)
      asked.send(body)
    }
    named(words.remove)
    button.onclick = () => {
      waiting.delete(row)
      row.remove()
      list.hidden = !list.children.length
      input.focus()
    }
    waiting.set(row, attempt)
  }

  form.addEventListener('submit', (event) => {
    if (!waiting.size && !going) return
    event.preventDefault()
    pressed = event.submitter
    const now = [...waiting.values()]
    waiting.clear()
    now.forEach((attempt) => attempt())
  })
  window.addEventListener('beforeunload', (event) => { if (waiting.size || going) event.preventDefault() })
  input.addEventListener('change', () => {
    const chosen = [...input.files]
    input.value = '' // the form itself must not send them again
    chosen.forEach(put)
  })
  const files = (event) => event.dataTransfer?.types.includes('Files')
  for (const name of ['dragenter', 'dragover']) {
    window.addEventListener(name, (event) => {
      if (!files(event)) return
      event.preventDefault() // beside the zone nothing happens, rather than the page being left for the file
      zone.classList.toggle('app-upload--over', zone.contains(event.target))
    })
  }
  window.addEventListener('drop', (event) => {
    if (!files(event)) return
    event.preventDefault()
    zone.classList.remove('app-upload--over')
    if (zone.contains(event.target)) [...event.dataTransfer.files].forEach(put)
  })
}

if (form) start()
