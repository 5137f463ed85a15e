// Documents looked at: keys that do what the links do, and two documents scrolled together.
const papers = () => [...document.querySelectorAll('.app-viewer__paper')]

document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  const paper = event.target.closest?.('.app-viewer__paper')
  if (!paper) return
  const scrolls = paper.scrollWidth > paper.clientWidth
  if (scrolls && event.key.startsWith('Arrow')) return
  const own = paper.closest('.app-viewer').querySelector(`[data-key="${event.key}"]`)
  const link = own ?? document.querySelector(`nav [data-key="${event.key}"]`)
  if (!link) return
  event.preventDefault()
  link.click()
})

const together = document.getElementById('together')
if (together) {
  together.hidden = false
  const box = together.querySelector('input')
  let leading = null
  document.addEventListener('scroll', (event) => {
    const from = event.target
    if (!box.checked || !papers().includes(from) || (leading && leading !== from)) return
    leading = from
    for (const other of papers()) {
      if (other === from) continue
      const share = (place, whole, seen) => whole > seen ? place / (whole - seen) : 0
      other.scrollTop = share(from.scrollTop, from.scrollHeight, from.clientHeight) * (other.scrollHeight - other.clientHeight)
      other.scrollLeft = share(from.scrollLeft, from.scrollWidth, from.clientWidth) * (other.scrollWidth - other.clientWidth)
    }
    requestAnimationFrame(() => requestAnimationFrame(() => { leading = null }))
  }, true)
}
