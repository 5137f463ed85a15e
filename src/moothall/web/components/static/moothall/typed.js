// Keeps what was typed when a session ends, and puts it back into its form after signing in again.
const SENT_AGAIN = 'kept_typed'
const NUMBER = 'kept_form'

function isTyped (element) {
  if (!element.name || element.disabled || ['hidden', 'password', 'file', 'submit', 'button', 'search'].includes(element.type)) return false
  if (['checkbox', 'radio'].includes(element.type)) return element.checked !== element.defaultChecked
  if (element.options) return [...element.options].some((option) => option.selected !== option.defaultSelected) && element.selectedIndex > 0
  return element.value !== element.defaultValue
}

const addressOf = (form) => {
  const address = new URL(form.getAttribute('action') || location.href, location.href)
  return address.pathname + address.search
}

// The forms of the page that are sent, and where each is known by: several of one address are told apart by their number.
function sentForms () {
  const met = new Map()
  const forms = [...document.forms].filter((one) => one.method === 'post' && !one.matches('.app-expiry')).map((form) => {
    const address = addressOf(form)
    const number = met.get(address) ?? 0
    met.set(address, number + 1)
    return { form, address, number, path: number ? `${address}#${number}` : address }
  })
  return forms.map((one) => ({ ...one, alone: met.get(one.address) === 1 }))
}

// A form that is sent says which of its address it is: what is sent too late is kept for that one.
export function numberForms () {
  document.addEventListener('formdata', ({ target, formData }) => {
    const one = sentForms().find(({ form }) => form === target)
    if (one && !one.alone) formData.set(NUMBER, one.number)
  })
}

async function keep (session, token, { form, path }) {
  const given = new FormData(form)
  for (const [name, value] of [...given]) if (typeof value !== 'string') given.delete(name)
  given.set('csrfmiddlewaretoken', token.value)
  const where = new URLSearchParams({ path, page: location.pathname + location.search })
  try {
    const answer = await fetch(`${session.dataset.keep}?${where}`, { method: 'POST', body: given })
    return answer.ok ? (await answer.json()).kept : ''
  } catch {
    return ''
  }
}

// Keeps every form in which something was typed; answers where the first is found again, or nothing.
export async function keepTyped (session) {
  const token = session.querySelector('[name=csrfmiddlewaretoken]')
  const typed = token ? sentForms().filter(({ form }) => [...form.elements].some(isTyped)) : []
  const kept = await Promise.all(typed.map((one) => keep(session, token, one)))
  return kept.find(Boolean) ?? ''
}

const isButton = (element) => ['submit', 'button'].includes(element.type)

// Puts back what was typed; answers whether there was anything to put back here.
function fill (form, fields) {
  const given = new FormData()
  for (const [name, value] of fields) given.append(name, value)
  let filled = false
  for (const element of form.elements) {
    // which state it was typed on goes back too, so that what others changed since is not undone unseen
    const version = element.name === 'version'
    const carried = element.type === 'hidden' && !version
    if (!element.name || carried || isButton(element) || ['password', 'file'].includes(element.type)) continue
    const values = given.getAll(element.name)
    if (['checkbox', 'radio'].includes(element.type)) {
      element.checked = values.includes(element.value)
      filled ||= element.checked || element.defaultChecked
    } else if (values.length) {
      element.value = values[0]
      filled ||= !version && (element.value !== '' || Boolean(element.defaultValue))
    }
    element.dispatchEvent(new Event('app:put-back'))
    element.dispatchEvent(new Event('change', { bubbles: true }))
  }
  return filled
}

// How many of the kept fields a form has; of its buttons the one that was pressed.
function shared (form, fields) {
  const has = ([name, value]) => [...form.elements].some((one) => one.name === name && (!isButton(one) || one.value === value))
  return fields.filter(has).length
}

// The form of the page that something kept belongs into: of those of its address the one with the most of its fields, then
// the one of its number, for forms come and go with the state of what the page shows.
function belonging (kept, forms) {
  const [address] = kept.path.split('#')
  const among = forms.filter((one) => one.address === address)
  const most = Math.max(0, ...among.map(({ form }) => shared(form, kept.fields)))
  const likely = most ? among.filter(({ form }) => shared(form, kept.fields) === most) : []
  return likely.find(({ path }) => path === kept.path) ?? likely[0]
}

// The address ends with #typed-12 when what was kept of the page is to be put back.
export async function putBack (said) {
  const [, id] = location.hash.match(/^#typed-(\d{1,18})$/) ?? []
  if (!id || !said) return
  const answer = await fetch(`${said.dataset.typed}${id}/fields/`)
  if (!answer.ok) return
  let empty = sentForms()
  const before = empty.length
  for (const kept of (await answer.json()).forms) {
    const { form } = belonging(kept, empty) ?? {}
    if (!form || !fill(form, kept.fields)) continue
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: SENT_AGAIN, value: kept.id }))
    empty = empty.filter((one) => one.form !== form)
  }
  if (empty.length === before) return
  said.hidden = false
  said.focus()
}
