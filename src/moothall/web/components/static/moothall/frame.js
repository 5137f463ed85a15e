// The part of a photograph that is sent: a frame in the shape asked for, moved with the mouse, a finger or the keys. Its
// place is kept in the boxes, which do the same without this script.
const STEP = 1
const FAR = 5
const SMALLEST = 10 // per cent

function start (field) {
  const [wide, high] = field.dataset.shape.split(' ').map(Number)
  const boxes = [0, 1, 2, 3].map((part) => field.querySelector(`[name="${field.dataset.frame}_${part}"]`))
  const turn = field.querySelector(`[name="${field.dataset.frame}_4"]`)
  const of = field.querySelector(`[name="${field.dataset.frame}_of"]`)
  const was = field.querySelector(`[name="${field.dataset.frame}_was"]`)
  const stage = field.querySelector('.app-frame__stage')
  const picture = field.querySelector('.app-frame__picture')
  const part = field.querySelector('.app-frame__part')
  const sent = field.querySelector('.app-frame__sent')
  const result = field.querySelector('.app-frame__result')
  const choices = [...document.querySelectorAll(`[name="${field.dataset.of}"]`)]
  const chosen = () => choices.find((one) => one.checked)?.value ?? ''
  let waiting = 0

  const values = () => boxes.map((box) => Number(box.value))
  const tidy = (number) => String(Math.round(number * 100) / 100)
  const ratio = () => (high / wide) * (picture.naturalWidth / picture.naturalHeight) // height for width, both in per cent

  function draw () {
    const names = ['left', 'top', 'width', 'height']
    values().forEach((value, index) => { part.style[names[index]] = `${value}%` })
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      const frame = [...boxes.map((box) => box.value), turn.value].join(' ')
      result.src = `${field.dataset.framed.replace('/0/', `/${chosen()}/`)}?frame=${encodeURIComponent(frame)}`
      sent.hidden = false
    }, 400)
  }

  function place (left, top, width) {
    const across = Math.min(Math.max(width, SMALLEST), 100, 100 / ratio())
    const down = across * ratio()
    const within = (value, most) => Math.min(Math.max(value, 0), most)
    const all = [within(left, 100 - across), within(top, 100 - down), across, down]
    all.forEach((value, index) => { boxes[index].value = tidy(value) })
    of.value = chosen()
    was.value = turn.value
    draw()
  }

  function show () {
    const id = chosen()
    stage.hidden = true // until the picture is there to be framed
    if (!id) return
    picture.onload = () => {
      stage.style.setProperty('--app-frame-ratio', picture.naturalWidth / picture.naturalHeight)
      stage.hidden = false
      if (of.value === id && boxes.every((box) => box.value)) return draw()
      const across = Math.min(100, 100 / ratio())
      place((100 - across) / 2, (100 - across * ratio()) / 2, across)
    }
    picture.src = `${field.dataset.picture.replace('/0/', `/${id}/`)}?turn=${turn.value}`
  }

  choices.forEach((one) => one.addEventListener('change', () => {
    turn.value = one.parentElement.querySelector('img')?.dataset.turned ?? '0'
    boxes.forEach((box) => { box.value = '' })
    of.value = chosen()
    show()
  }))
  turn.addEventListener('change', () => {
    boxes.forEach((box) => { box.value = '' })
    of.value = chosen()
    show()
  })
  boxes.forEach((box) => box.addEventListener('change', draw))

  part.addEventListener('keydown', (event) => {
    const far = event.shiftKey ? FAR : STEP
    const [left, top, width] = values()
    const moves = {
      ArrowLeft: [left - far, top, width],
      ArrowRight: [left + far, top, width],
      ArrowUp: [left, top - far, width],
      ArrowDown: [left, top + far, width],
      '+': [left, top, width + FAR],
      '=': [left, top, width + FAR],
      '-': [left, top, width - FAR],
    }
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    place(...moves[event.key])
  })
  part.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    part.focus()
    part.setPointerCapture(event.pointerId)
    const [left, top, width] = values()
    const around = picture.getBoundingClientRect()
    const corner = part.getBoundingClientRect()
    const sizing = corner.right - event.clientX < 24 && corner.bottom - event.clientY < 24
    const move = (now) => {
      const across = 100 * (now.clientX - event.clientX) / around.width
      const down = 100 * (now.clientY - event.clientY) / around.height
      if (sizing) place(left, top, Math.min(width + across, 100 - left, (100 - top) / ratio()))
      else place(left + across, top + down, width)
    }
    part.addEventListener('pointermove', move)
    part.addEventListener('lostpointercapture', () => part.removeEventListener('pointermove', move), { once: true })
  })
  field.querySelector('[data-frame-hide]').hidden = true
  show()
}

document.querySelectorAll('[data-frame]').forEach(start)
