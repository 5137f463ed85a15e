// What every page does when it can: components of GOV.UK and MOJ Frontend, and the warning before a session ends.
// Nothing depends on it: without it every page works.
// Each import ends with a semicolon: only then are the names with digests put in when the files are collected.
import { initAll as startGovuk, isSupported } from './build/govuk-frontend.min.js';
import { initAll as startMoj } from './build/moj-frontend.min.js';
import { watchSession } from './session.js';
import { numberForms, putBack } from './typed.js';

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) {
  document.body.classList.add('govuk-frontend-supported')
}
if (isSupported()) {
  startGovuk()
  startMoj()
  document.body.addEventListener('htmx:afterSwap', (event) => {
    startGovuk({ scope: event.target })
    startMoj({ scope: event.target })
  })
}
watchSession(document.querySelector('.app-expiry'))
numberForms()
putBack(document.querySelector('#put-back'))
