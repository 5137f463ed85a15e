// What the pages for citizens do when they can: components of GOV.UK Frontend, and a warning before a session ends.
// Nothing depends on it: without it every page works. Each import ends with a semicolon: only then are names with digests put in.
import { initAll, isSupported } from './build/govuk-frontend.min.js';

const WARNING = 5 * 60 * 1000
const KEY = 'moothall-citizen-used'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')
if (isSupported()) initAll()

function watch (form) {
  const whole = Number(form.dataset.minutes) * 60 * 1000
  const used = () => localStorage.setItem(KEY, String(Date.now()))
  const left = () => whole - (Date.now() - Number(localStorage.getItem(KEY)))
  used()
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form) })
    if (!answer.ok) return location.assign(form.dataset.signIn)
    used()
    form.hidden = true
  })
  setInterval(() => {
    if (left() <= 0) location.assign(`${form.dataset.signIn}&next=${encodeURIComponent(location.pathname)}`)
    form.hidden = left() > WARNING
  }, 10_000)
}

const expiry = document.querySelector('.app-expiry')
if (expiry) watch(expiry)

// A question that stands under an answer of the same page is shown when that is chosen. Without scripts it is always there.
for (const part of document.querySelectorAll('[data-reveal-of]')) {
  const keys = part.dataset.revealKeys.split(' ')
  const show = () => {
    const chosen = [...document.querySelectorAll(`[name="${part.dataset.revealOf}"]`)]
      .filter((one) => (one.type === 'radio' || one.type === 'checkbox') ? one.checked : true).map((one) => one.value)
    part.hidden = !chosen.some((one) => keys.includes(one))
  }
  show()
  document.addEventListener('change', show)
}
