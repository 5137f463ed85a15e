import { keepTyped } from './typed.js';

// Warns before somebody is signed out for want of activity, in every tab, and lets them stay.
const WARNING = 5 * 60 * 1000
const KEY = 'moothall-used'

export function watchSession (form) {
  if (!form) return
  const whole = Number(form.dataset.minutes) * 60 * 1000
  const used = () => localStorage.setItem(KEY, String(Date.now()))
  const left = () => whole - (Date.now() - Number(localStorage.getItem(KEY)))

  used()
  document.body.addEventListener('htmx:afterRequest', (event) => {
    if (!('X-Refresh' in event.detail.requestConfig.headers)) used() // a page that refreshes itself is used by nobody
  })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form) })
    if (answer.redirected || !answer.ok) {
      location.assign(form.dataset.signIn)
    } else {
      used()
      form.hidden = true
    }
  })
  let leaving = false
  setInterval(async () => {
    if (left() <= 0 && !leaving) {
      leaving = true
      const onward = await keepTyped(form) || location.pathname + location.search
      location.assign(`${form.dataset.signIn}?expired=1&next=${encodeURIComponent(onward)}`)
    }
    form.hidden = left() > WARNING
  }, 10_000)
}
