// Files are sent one by one as soon as they are dropped or chosen, each with its progress, and each can be stopped or
// sent again. Without this script the form sends them all together.
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
  const zone = element('div', { className: 'app-upload' })
  input.before(zone)
  zone.append(element('p', { className: 'govuk-body app-upload__words', textContent: words.drop }), input)
  zone.after(list, told)
  form.querySelector('[data-upload-hide]')?.setAttribute('hidden', '')
  let going = 0

  const refresh = () => htmx.ajax('GET', location.href, { target: '#kept', select: '#kept', swap: 'outerHTML' })

  function send (file) {
    const bar = element('progress', { max: 100, value: 0 })
    bar.setAttribute('aria-label', file.name)
    const said = element('span', { className: 'app-upload__said', textContent: words.sending })
    const button = element('button', { type: 'button', className: 'app-upload__button' })
    const row = element('li', {}, element('span', { className: 'app-file', textContent: file.name }), bar, said, button)
    list.append(row)
    list.hidden = false

    function attempt () {
      const asked = new XMLHttpRequest()
      const ended = (sentence, kept) => {
        going -= 1
        said.textContent = sentence
        row.className = kept ? 'app-upload__kept' : 'app-upload__refused'
        told.textContent = `${file.name}: ${sentence}`
        bar.hidden = true
        button.textContent = words.again
        button.append(element('span', { className: 'govuk-visually-hidden', textContent: ` ${file.name}` }))
        button.onclick = attempt
        button.hidden = kept
        if (going === 0) refresh()
      }
      going += 1
      row.className = ''
      bar.hidden = button.hidden = false
      bar.value = 0
      said.textContent = words.sending
      button.textContent = words.cancel
      button.append(element('span', { className: 'govuk-visually-hidden', textContent: ` ${file.name}` }))
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
    attempt()
  }

  input.addEventListener('change', () => {
    const chosen = [...input.files]
    input.value = '' // a second press of the button must not send them again
    chosen.forEach(send)
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
    if (zone.contains(event.target)) [...event.dataTransfer.files].forEach(send)
  })
}

if (form) start()
