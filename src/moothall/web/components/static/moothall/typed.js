// Keeps what was typed when a session ends, and puts it back into its form after signing in again.
const SENT_AGAIN = 'kept_typed'

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
  return [...document.forms].filter((one) => one.method === 'post' && !one.matches('.app-expiry')).map((form) => {
    const address = addressOf(form)
    const before = met.get(address) ?? 0
    met.set(address, before + 1)
    return { form, path: before ? `${address}#${before}` : address }
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

function fill (form, fields) {
  const given = new FormData()
  for (const [name, value] of fields) given.append(name, value)
  for (const element of form.elements) {
    // which state it was typed on goes back too, so that what others changed since is not undone unseen
    const carried = element.type === 'hidden' && element.name !== 'version'
    if (!element.name || carried || ['password', 'file', 'submit', 'button'].includes(element.type)) continue
    const values = given.getAll(element.name)
    if (['checkbox', 'radio'].includes(element.type)) {
      element.checked = values.includes(element.value)
    } else if (values.length) {
      element.value = values[0]
    }
    element.dispatchEvent(new Event('app:put-back'))
    element.dispatchEvent(new Event('change', { bubbles: true }))
  }
}

// The address ends with #typed-12 when what was kept of the page is to be put back.
export async function putBack (said) {
  const [, id] = location.hash.match(/^#typed-(\d{1,18})$/) ?? []
  if (!id || !said) return
  const answer = await fetch(`${said.dataset.typed}${id}/fields/`)
  if (!answer.ok) return
  const { forms } = await answer.json()
  const here = sentForms()
  const found = forms.flatMap((kept) => here.filter(({ path }) => path === kept.path).map(({ form }) => ({ form, kept })))
  for (const { form, kept } of found) {
    fill(form, kept.fields)
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: SENT_AGAIN, value: kept.id }))
  }
  if (!found.length) return
  said.hidden = false
  said.focus()
}
