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

// Keeps the first form in which something was typed; answers where it is found again, or nothing.
export async function keepTyped (session) {
  const form = [...document.forms].find((one) => one.method === 'post' && one !== session && [...one.elements].some(isTyped))
  const token = session.querySelector('[name=csrfmiddlewaretoken]')
  if (!form || !token) return ''
  const given = new FormData(form)
  for (const [name, value] of [...given]) if (typeof value !== 'string') given.delete(name)
  given.set('csrfmiddlewaretoken', token.value)
  const where = new URLSearchParams({ path: addressOf(form), page: location.pathname + location.search })
  try {
    const answer = await fetch(`${session.dataset.keep}?${where}`, { method: 'POST', body: given })
    return answer.ok ? (await answer.json()).kept : ''
  } catch {
    return ''
  }
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

// The address ends with #typed-12 when what was kept is to be put back.
export async function putBack (said) {
  const [, id] = location.hash.match(/^#typed-(\d{1,18})$/) ?? []
  if (!id || !said) return
  const answer = await fetch(`${said.dataset.typed}${id}/fields/`)
  if (!answer.ok) return
  const kept = await answer.json()
  const form = [...document.forms].find((one) => one.method === 'post' && addressOf(one) === kept.path)
  if (!form) return
  fill(form, kept.fields)
  const again = Object.assign(document.createElement('input'), { type: 'hidden', name: SENT_AGAIN, value: id })
  form.append(again)
  said.hidden = false
  said.focus()
}
