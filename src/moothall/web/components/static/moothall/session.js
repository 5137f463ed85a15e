import { keepTyped } from './typed.js';

// Warns before somebody is signed out for want of activity, in every tab, and lets them stay; and before they are signed out
// because they signed in so long ago, when they cannot.
const WARNING = 5 * 60 * 1000
const KEY = 'moothall-used'
const ENDS = 'moothall-ends'

export function watchSession (form) {
  if (!form) return
  const whole = Number(form.dataset.minutes) * 60 * 1000
  const used = () => localStorage.setItem(KEY, String(Date.now()))
  const left = () => whole - (Date.now() - Number(localStorage.getItem(KEY)))

  const untilEnd = () => Number(localStorage.getItem(ENDS)) - Date.now()

  used()
  localStorage.setItem(ENDS, String(Date.now() + Number(form.dataset.left) * 1000)) // of who signed in last, in any tab
  document.body.addEventListener('htmx:afterRequest', (event) => {
    if (!('X-Refresh' in event.detail.requestConfig.headers)) used() // a page that refreshes itself is used by nobody
  })
  let before = null // what had the focus before the warning was answered
  document.addEventListener('focusin', (event) => { if (!form.contains(event.target)) before = event.target })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form) })
    if (answer.redirected || !answer.ok) {
      location.assign(form.dataset.signIn)
    } else {
      used()
      form.hidden = true
      if (before?.isConnected) before.focus()
    }
  })
  let leaving = false
  setInterval(async () => {
    const ending = untilEnd() <= WARNING
    if (Math.min(left(), untilEnd()) <= 0 && !leaving) {
      leaving = true
      const onward = await keepTyped(form) || location.pathname + location.search
      location.assign(`${form.dataset.signIn}?expired=1&next=${encodeURIComponent(onward)}`)
    }
    for (const part of form.querySelectorAll('[data-idle]')) part.hidden = ending
    form.querySelector('[data-ending]').hidden = !ending
    form.hidden = left() > WARNING && !ending
  }, 10_000)
}
